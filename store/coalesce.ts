/** The most questions that are asked at once. */
const MOST = 100;

/**
 * Returns a function that asks alone while nothing else is asked, and otherwise collects what comes until the answer is there:
 * one request to the database instead of many, and no wait for a lone one. `askAll` returns one answer per question, in order; an
 * answer that is an error rejects that question alone. A question is always sent after it was asked, so no answer is older.
 */
export function coalesce<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>,
): (question: Question) => Promise<Answer> {
  const waiting: Asked<Question, Answer>[] = [];
  let isAsking = false;

  return (question) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (isAsking) return;
      isAsking = true;
      // What is asked in the same turn goes along.
      setImmediate(() => void askWaiting());
    });

  async function askWaiting(): Promise<void> {
    while (waiting.length > 0) await ask(waiting.splice(0, MOST));
    isAsking = false;
  }

  async function ask(asked: readonly Asked<Question, Answer>[]): Promise<void> {
    try {
      const answers = await askAll(asked.map(({ question }) => question));
      for (const [place, { resolve, reject }] of asked.entries()) {
        const answer = answers[place];
        if (answer instanceof Error) reject(answer);
        else resolve(answer as Answer);
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

interface Asked<Question, Answer> {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}
