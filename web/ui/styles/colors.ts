/** One accent color and grays; red, amber and green always come with a word that says the same. */
export const colors = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8;
  --sheet: #ffffff;
  --raised: #eef1f4;
  --line: #d5dbe1;
  --line-strong: #7b8794;
  --ink: #17212b;
  --ink-soft: #4d5a67;
  --accent: #0b5f84;
  --accent-ink: #ffffff;
  --accent-hover: #084b69;
  --accent-wash: #e4f0f6;
  --good: #1b6e3c;
  --good-wash: #e3f4e9;
  --warn: #7d4f00;
  --warn-wash: #fdf1d8;
  --bad: #ab1f1f;
  --bad-wash: #fdeaea;
  --bar-saved: #4d8fb0;
  --bar-held: #d29a2e;
  --bar-failed: #c93636;
  --shadow: 0 1px 2px rgb(20 30 40 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171c;
    --sheet: #1a2128;
    --raised: #232c35;
    --line: #323d48;
    --line-strong: #7c8a98;
    --ink: #e6ebf0;
    --ink-soft: #a9b5c0;
    --accent: #7cc3e6;
    --accent-ink: #0b1a23;
    --accent-hover: #a3d6ef;
    --accent-wash: #1b3340;
    --good: #7fd39c;
    --good-wash: #17301f;
    --warn: #efc267;
    --warn-wash: #372a10;
    --bad: #ff9b94;
    --bad-wash: #3d1c1c;
    --bar-saved: #5fa8cc;
    --bar-held: #d9a740;
    --bar-failed: #ec6a63;
    --shadow: none;
  }
}
`;
