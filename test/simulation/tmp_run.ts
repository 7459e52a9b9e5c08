import { registerStandIns } from './register.ts';
registerStandIns(null);
const { simulate } = await import('./world.ts');
const { planOf } = await import('./plan.ts');
const [from, to, faults] = process.argv.slice(2).map(Number);
const t = Date.now(); let hours = 0; let bad = 0;
for (let s = from!; s <= to!; s++) {
  const o = await simulate(planOf(s, { faults: faults === 1 }), process.env.T ? (l) => l.includes(process.env.T!) && console.log(l) : undefined);
  hours += o.simulatedHours;
  if (o.problems.length) { bad++; if (bad < 8) console.log(s, JSON.stringify(o.problems.slice(0,3), null, 1)); }
  else if (to! - from! < 5) console.log(s, 'ok', o.simulatedHours, o.steps, o.runs, o.records);
}
console.log('bad', bad, 'ms', Date.now() - t, 'hours/s', hours / (Date.now() - t) * 1000);
