import { describe, expect, it } from 'vitest';
import { kindsWithoutSecret, secretsOf, sharesSecret, type WebhookSecrets } from '../../../domain/webhookSecrets.ts';

const both = ['patient-creation', 'chart-update'];

describe('The secrets of webhooks', () => {
  it.each<[string, WebhookSecrets | undefined, string[], string[], string[], boolean]>([
    ['none', undefined, [], [], both, false],
    ['an empty list', [], [], [], both, false],
    ['a list for both', ['a', 'b'], ['a', 'b'], ['a', 'b'], [], true],
    ['one for each kind', { 'patient-creation': ['a'], 'chart-update': ['b'] }, ['a'], ['b'], [], false],
    ['one kind alone', { 'chart-update': ['b'] }, [], ['b'], ['patient-creation'], false],
    ['an empty kind', { 'patient-creation': ['a'], 'chart-update': [] }, ['a'], [], ['chart-update'], false],
    ['no kind', {}, [], [], both, false],
  ])('of %s', (_, all, creation, update, without, shared) => {
    expect(secretsOf(all, 'patient-creation')).toEqual(creation);
    expect(secretsOf(all, 'chart-update')).toEqual(update);
    expect(kindsWithoutSecret(all)).toEqual(without);
    expect(sharesSecret(all)).toBe(shared);
  });
});
