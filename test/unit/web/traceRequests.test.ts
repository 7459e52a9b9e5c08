import { AsyncLocalStorage } from 'node:async_hooks';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import type { RequestSpan } from '../../../telemetry/tracing.ts';
import { traceRequests } from '../../../web/traceRequests.ts';

it('A request has one span, named by the template of its address, which is current while its body and handler run', async () => {
  const current = new AsyncLocalStorage<number>();
  const ended: Parameters<RequestSpan['end']>[0][] = [];
  let spans = 0;
  const app = fastify();
  traceRequests(app, {
    request() {
      spans += 1;
      const own = spans;
      return { run: (work) => current.run(own, work), end: (answered) => void ended.push(answered) };
    },
  });
  const seen: (number | undefined)[] = [];
  app.register(async (scope) => {
    scope.post('/webhooks/:instance/:secret', async () => {
      seen.push(current.getStore());
      return {};
    });
    scope.get('/health/live', async () => ({ ok: current.getStore() === undefined }));
  });
  const body = { payload: { patient: 'x'.repeat(100_000) } };
  expect((await app.inject({ method: 'POST', url: '/webhooks/north/a-secret', ...body })).statusCode).toBe(200);
  expect((await app.inject({ method: 'POST', url: '/webhooks/north/another', ...body })).statusCode).toBe(200);
  expect((await app.inject('/nowhere?typed=Ada')).statusCode).toBe(404);
  expect((await app.inject('/health/live')).json()).toEqual({ ok: true });
  await app.close();
  const webhook = { method: 'POST', route: '/webhooks/:instance/:secret', status: 200 };
  expect(ended).toEqual([webhook, webhook, { method: 'GET', route: null, status: 404 }]);
  expect(seen).toEqual([1, 2]);
});
