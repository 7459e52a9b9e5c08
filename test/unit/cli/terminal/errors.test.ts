import { CommanderError } from 'commander';
import { MongoClient, MongoInvalidArgumentError, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { DataDirTakenError, InterruptedError } from '../../../../cli/backing/services.ts';
import { CommandError, explain } from '../../../../cli/terminal/errors.ts';
import { TemporalUnreachableError } from '../../../../client/connect.ts';
import { NoRunError } from '../../../../client/waitForRuns.ts';
import { SettingsError } from '../../../../config/settingsError.ts';
import { openStore } from '../../../../store/connect.ts';

const QUOTED = 'mongodb://user:s3cret@h/ Ada Invented';

describe('explain', () => {
  it.each<[string, unknown, number, string]>([
    ['what commander said already', new CommanderError(1, 'commander.unknownOption', 'no such option'), 2, ''],
    ['help', new CommanderError(0, 'commander.help', '(outputHelp)'), 0, ''],
    ['wrong settings', new SettingsError(['A: is blank', 'B: is blank']), 2, 'A: is blank\n  - B: is blank'],
    ['a wrong argument', new CommandError('no such instance', 2), 2, 'no such instance'],
    ['what failed', new CommandError('it is not held'), 1, 'it is not held'],
    ['Temporal away', new TemporalUnreachableError('t.test:7233'), 1, 'does not answer at t.test:7233'],
    ['no run', new NoRunError('north', 60), 1, 'No run of north began'],
    ['a folder in use', new DataDirTakenError('/d', 7), 1, 'in use by process 7'],
    ['Ctrl-C', new InterruptedError(), 130, 'Interrupted.'],
    ['a connection lost', new MongoNetworkError(QUOTED), 1, 'MongoDB does not answer (MongoNetworkError)'],
    ['a wrong option', new MongoInvalidArgumentError(QUOTED), 1, "MONGODB_URI can't be used"],
    ['a refused login', new MongoServerError({ message: QUOTED, code: 18 }), 1, 'refuses the user or the password'],
    ['a document refused', new MongoServerError({ message: QUOTED, code: 121 }), 1, 'validator'],
  ])('tells %s', (_, error, exitCode, text) => {
    const told = explain(error);
    expect(told).toMatchObject({ exitCode, expected: true });
    expect(told.text).toContain(text);
    expect(told.text).not.toMatch(/s3cret|Ada/);
  });

  it('tells a connection string that is none, and does not repeat it', () => {
    let thrown: unknown;
    try {
      openStore({ uri: 'mongodb://user:s3cret@@@', database: 'd' });
    } catch (error) {
      thrown = error;
    }
    expect(explain(thrown)).toEqual({
      text: "MONGODB_URI can't be read: it is no connection string.",
      exitCode: 2,
      expected: true,
    });
  });

  it('tells that MongoDB is away, and not how we would log in', async () => {
    const client = new MongoClient('mongodb://user:s3cret@127.0.0.1:1', { serverSelectionTimeoutMS: 50 });
    const thrown = await client.connect().catch((error: unknown) => error);
    expect(explain(thrown)).toEqual({
      text: 'MongoDB does not answer (MongoServerSelectionError). Is it running, and is MONGODB_URI right?',
      exitCode: 1,
      expected: true,
    });
  });

  it('keeps the stack of the unexpected for whoever mends it', () => {
    const told = explain(new TypeError('x is no function'));
    expect(told).toMatchObject({ exitCode: 1, expected: false });
    expect(told.text).toMatch(/^TypeError: x is no function .*LOG_LEVEL=debug/);
  });
});
