/** Returns settings for a test as environment variables: little logging, short timeouts, and the nightly full run half a day away. */
export function environmentForTests(): Record<string, string> {
  return {
    LOG_LEVEL: 'error',
    SHUTDOWN_GRACE_SECONDS: '2',
    KIPU_CALLS_PER_SECOND: '1000',
    SYNC_FULL_RUN_HOUR: String((new Date().getUTCHours() + 12) % 24),
  };
}
