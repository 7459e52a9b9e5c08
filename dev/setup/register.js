// For `node --import`: lets that process import TypeScript sources.
import { join } from 'node:path';
import { local } from './places.js';
import { runTypeScript } from './typescript.js';

runTypeScript(join(local, 'cache'));
