const DAY_MS = 86_400_000;
const REMINDER_DAYS = [1, 2, 4, 7];

/** How long a hold waits before its next reminder: 1, 2, 4 days, then a week each. `reminders` is how many went out. Milliseconds. */
export function reminderDelayMs(reminders: number): number {
  return (REMINDER_DAYS[Math.min(reminders, REMINDER_DAYS.length - 1)] ?? 7) * DAY_MS;
}
