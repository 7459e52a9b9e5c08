/**
 * Returns a function that collects what is asked within a moment and asks for all of it at once: one request to the database
 * instead of many. `askAll` returns one answer per question, in order; an answer that is an error rejects that question alone.
 * @param windowMs How long the first question waits for others.
 */
export function coalesce<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly (Answer | Error)[]>,
  windowMs: number,
): (question: Question) => Promise<Answer> {
  let waiting: Asked<Question, Answer>[] = [];

  return (question) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (waiting.length === 1) setTimeout(() => void send(), windowMs);
    });

  async function send(): Promise<void> {
    const asked = waiting;
    waiting = [];
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
