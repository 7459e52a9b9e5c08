import { CommanderError } from 'commander';
import {
  MongoClient,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { DataDirTakenError, InterruptedError } from '../../../../cli/backing/services.ts';
import { CommandError } from '../../../../cli/terminal/commandError.ts';
import { explain } from '../../../../cli/terminal/errors.ts';
import { TemporalUnreachableError } from '../../../../client/connect.ts';
import { RunNotRequestedError } from '../../../../client/requestSync.ts';
import { NoRunError } from '../../../../client/waitForRuns.ts';
import { SettingsError } from '../../../../config/settingsError.ts';
import { openStore } from '../../../../store/connect.ts';

const QUOTED = 'mongodb://user:s3cret@h/ Ada Invented';

describe('explain', () => {
  it.each<[string, unknown, number, string]>([
    [
      'an error that commander printed already',
      new CommanderError(1, 'commander.unknownOption', 'no such option'),
      2,
      '',
    ],
    ['help', new CommanderError(0, 'commander.help', '(outputHelp)'), 0, ''],
    ['wrong settings', new SettingsError(['A: is blank', 'B: is blank']), 2, 'A: is blank\n  - B: is blank'],
    ['a wrong argument', new CommandError('no such instance', 2), 2, 'no such instance'],
    ['a failure', new CommandError('it is not held'), 1, 'it is not held'],
    ['that Temporal does not answer', new TemporalUnreachableError('t.test:7233'), 1, 'does not answer at t.test:7233'],
    ['that no run was requested', new RunNotRequestedError('north', 'no-schedule'), 1, 'No run of north was requested'],
    ['that no run started', new NoRunError('north', 60), 1, 'No run of north started'],
    ['a data folder in use', new DataDirTakenError('/d', 7), 1, 'in use by process 7'],
    ['Ctrl-C', new InterruptedError(), 130, 'Interrupted.'],
    ['a lost connection', new MongoNetworkError(QUOTED), 1, 'MongoDB does not answer (MongoNetworkError)'],
    [
      'a closed connection',
      new MongoTopologyClosedError(QUOTED),
      1,
      'MongoDB does not answer (MongoTopologyClosedError)',
    ],
    ['a wrong option', new MongoInvalidArgumentError(QUOTED), 1, "MONGODB_URI can't be used"],
    ['refused credentials', new MongoServerError({ message: QUOTED, code: 18 }), 1, 'refuses the user or the password'],
    ['a refused document', new MongoServerError({ message: QUOTED, code: 121 }), 1, 'validator'],
  ])('explains %s', (_, error, exitCode, text) => {
    const explained = explain(error);
    expect(explained).toMatchObject({ exitCode, expected: true });
    expect(explained.text).toContain(text);
    expect(explained.text).not.toMatch(/s3cret|Ada/);
  });

  it('says that a connection string is not valid, and does not repeat it', () => {
    let thrown: unknown;
    try {
      openStore({ uri: 'mongodb://user:s3cret@@@', database: 'd' });
    } catch (error) {
      thrown = error;
    }
    expect(explain(thrown)).toEqual({
      text: 'MONGODB_URI is not a valid connection string.',
      exitCode: 2,
      expected: true,
    });
  });

  it('says that MongoDB does not answer, without the credentials', async () => {
    const client = new MongoClient('mongodb://user:s3cret@127.0.0.1:1', { serverSelectionTimeoutMS: 50 });
    const thrown = await client.connect().catch((error: unknown) => error);
    expect(explain(thrown)).toEqual({
      text: 'MongoDB does not answer at 127.0.0.1:1 (MongoServerSelectionError). Is it running, and is MONGODB_URI right?',
      exitCode: 1,
      expected: true,
    });
  });

  it('names the setting that prints the stack of an unexpected error', () => {
    const explained = explain(new TypeError('x is not a function'));
    expect(explained).toMatchObject({ exitCode: 1, expected: false });
    expect(explained.text).toMatch(/^TypeError: x is not a function .*LOG_LEVEL=debug/);
  });
});
