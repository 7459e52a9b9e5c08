import { describe, expect, it } from 'vitest';
import { canSee, canUnlock, isAllowed, type Requirement, type Role, roles } from '../../../domain/role.ts';

const needs: Requirement[] = ['nothing', 'see', 'unlock', 'administer'];

describe('A role', () => {
  it.each<[Role, Requirement[]]>([
    ['viewer', ['nothing', 'see']],
    ['staff', ['nothing', 'see', 'unlock']],
    ['admin', ['nothing', 'see', 'unlock', 'administer']],
  ])('%s may %j', (role, may) => {
    expect(needs.filter((need) => isAllowed(role, need))).toEqual(may);
    const who = { user: 'dana', name: 'Dana Lee', role, instances: '*' as const };
    expect(canUnlock(who)).toBe(may.includes('unlock'));
  });

  it('is one of three', () => {
    expect(roles).toEqual(['viewer', 'staff', 'admin']);
  });
});

describe('canSee', () => {
  it.each<['*' | string[], string, boolean]>([
    ['*', 'north', true],
    [['north', 'south'], 'south', true],
    [['north'], 'south', false],
    [['north'], 'nort', false],
    [['*'], 'north', false],
    [[], 'north', false],
  ])('with %j of %s is %j', (instances, instance, may) => {
    expect(canSee({ instances }, instance)).toBe(may);
  });
});
