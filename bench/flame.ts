import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/*
 * Draws where a process spent its time, as a flame graph without scripts: `npx tsx bench/flame.ts FILE OUT.svg "Title"`. FILE is a CPU
 * profile of Node (`--cpu-prof`), or folded stacks, a line each: frames with semicolons between them, and how often they were seen.
 */

const WIDTH = 1_000;
const ROW = 15;
/** A frame that is narrower cannot be seen, and is left out with all above it. */
const NARROWEST = 2.5;
/** Deeper frames are left out. */
const DEEPEST = 34;
const LETTER = 6.2;

interface Frame {
  name: string;
  value: number;
  children: Map<string, Frame>;
}

const [, , input = '', output = '', title = ''] = process.argv;
const text = readFileSync(input, 'utf8');
const root = input.endsWith('.cpuprofile') ? ofProfile(JSON.parse(text)) : ofStacks(text);
writeFileSync(output, picture(root, title));

function frame(name: string): Frame {
  return { name, value: 0, children: new Map() };
}

function childOf(parent: Frame, name: string): Frame {
  const child = parent.children.get(name) ?? frame(name);
  parent.children.set(name, child);
  return child;
}

function ofStacks(lines: string): Frame {
  const all = frame('all');
  for (const line of lines.trim().split('\n')) {
    const blank = line.lastIndexOf(' ');
    const value = Number(line.slice(blank + 1));
    all.value += value;
    let at = all;
    for (const name of line.slice(0, blank).split(';').map(shortName)) {
      // A function that calls itself, or a chain of functions of one kind, is one frame.
      if (name === at.name) continue;
      at = childOf(at, name);
      at.value += value;
    }
  }
  return all;
}

/** Returns `function (path/file.py:12)` without the path and the line, and a function of Go by its package. */
function shortName(name: string): string {
  const go = /^(?:[\w.-]+\/)+([\w.-]+?)\.(?:\(\*?\w+\)|\w+)/.exec(name)?.[0];
  if (go !== undefined)
    return go.replace(/^(?:go\.temporal\.io\/|google\.golang\.org\/|github\.com\/|modernc\.org\/)/, '');
  return name.replace(/\((?:.*\/)?([^/:)]+)(?::\d+)?\)/, '($1)');
}

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** Times in which the process waited are left out. */
function ofProfile({ nodes, samples, timeDeltas }: Profile): Frame {
  const own = new Map<number, number>();
  for (const [place, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[place] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (id: number, parent: Frame): number => {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') return 0;
    const { functionName, url } = node.callFrame;
    const place = url === '' ? '' : packageOf(url);
    const name = place === '' ? functionName || 'anonymous' : place;
    const at = name === parent.name ? parent : childOf(parent, name);
    const below = (node.children ?? []).reduce((sum, child) => sum + build(child, at), 0);
    const value = (own.get(id) ?? 0) + below;
    // A frame of the same package is part of it, and counted where the package is entered.
    if (at !== parent) at.value += value;
    return value;
  };
  const all = frame('all');
  const [first] = nodes;
  for (const child of first?.children ?? []) all.value += build(child, all);
  return all;
}

/** Returns the package of a file, or its own name. */
function packageOf(url: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1];
  return inPackage ?? (url.startsWith('node:') ? url : basename(url));
}

function picture(all: Frame, heading: string): string {
  const boxes: string[] = [];
  let depth = 0;
  const draw = (at: Frame, x: number, level: number): void => {
    const width = (at.value / all.value) * WIDTH;
    if (width < NARROWEST || level > DEEPEST) return;
    depth = Math.max(depth, level);
    const share = `${((at.value / all.value) * 100).toFixed(1)} %`;
    const letters = Math.floor((width - 4) / LETTER);
    const label = letters < 4 ? '' : at.name.length <= letters ? at.name : `${at.name.slice(0, letters - 1)}…`;
    const hue = 20 + (hash(at.name) % 40);
    boxes.push(
      `<g><title>${escaped(at.name)}, ${share}</title><rect x="${x.toFixed(1)}" y="${level * ROW}" width="${(width - 0.3).toFixed(1)}" height="${ROW - 1}" fill="hsl(${hue} 80% 70%)"/>` +
        (label === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${level * ROW + 11}">${escaped(label)}</text>`) +
        '</g>',
    );
    let left = x;
    for (const child of [...at.children.values()].sort((a, b) => b.value - a.value)) {
      draw(child, left, level + 1);
      left += (child.value / all.value) * WIDTH;
    }
  };
  draw(all, 0, 0);
  const height = (depth + 1) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -24 ${WIDTH} ${height + 28}" role="img" font-family="sans-serif" font-size="10" fill="#222">`,
    `<title>${escaped(heading)}</title><rect x="0" y="-24" width="${WIDTH}" height="${height + 28}" fill="#fff"/>`,
    `<text x="4" y="-8" font-size="13">${escaped(heading)}</text>`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function hash(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, 7);
}

function escaped(name: string): string {
  return name.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
