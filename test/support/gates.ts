import { waitUntil } from './waitUntil.ts';

/** Gates by name: whoever passes a shut one waits until it opens. What is not shut lets everybody through. */
export function makeGates() {
  const shut = new Map<string, { opened: Promise<void>; open: () => void; waiting: number }>();

  function open(name: string): void {
    shut.get(name)?.open();
    shut.delete(name);
  }

  return {
    shut(...names: string[]): void {
      for (const name of names) {
        let open = (): void => undefined;
        const opened = new Promise<void>((resolve) => {
          open = resolve;
        });
        shut.set(name, { opened, open, waiting: 0 });
      }
    },
    open,
    openAll: () => [...shut.keys()].forEach(open),
    /** Resolves when somebody stands before the gate. */
    reached: (name: string) => waitUntil(`"${name}" is reached`, () => (shut.get(name)?.waiting ?? 0) > 0),
    async pass(name: string): Promise<void> {
      const gate = shut.get(name);
      if (gate === undefined) return;
      gate.waiting += 1;
      await gate.opened;
    },
  };
}
