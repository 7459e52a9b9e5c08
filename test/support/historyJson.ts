import proto from '@temporalio/proto';
import type { History } from './histories.ts';

const { History: Message } = proto.temporal.api.history.v1;

/** Stack traces have paths of the machine that recorded. */
const STACK_TRACES = /"stackTrace": "(?:[^"\\]|\\.)*"/g;

/** Returns a history as text: protobuf's field names, 64-bit numbers as strings, bytes in base64, without stack traces. */
export function historyToJson(history: History): string {
  const plain = Message.toObject(Message.fromObject(history), { longs: String, enums: String, bytes: String });
  return `${JSON.stringify(plain, null, 1).replace(STACK_TRACES, '"stackTrace": ""')}\n`;
}

export function historyFromJson(text: string): History {
  return Message.fromObject(JSON.parse(text));
}
