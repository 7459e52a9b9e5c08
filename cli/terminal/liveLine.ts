/** A line that is written over on a terminal; where output is kept, it shows nothing. */
export function liveLine(out: NodeJS.WriteStream): { show(text: string): void; end(): void } {
  let shown = '';
  return {
    show(text) {
      if (!out.isTTY) return;
      const line = text.slice(0, (out.columns ?? 80) - 1);
      if (line !== shown) out.write(`\r\u001b[K${line}`);
      shown = line;
    },
    end() {
      if (shown !== '') out.write('\r\u001b[K');
      shown = '';
    },
  };
}
