import { generate } from './generate.ts';
import { simulate } from './simulate.ts';
const [from=1,n=20,only]=process.argv.slice(2);
const t=process.cpuUsage(); let runs=0,req=0,com=0,kills=0; const by=new Map<string,number>(); 
for(let s=+from;s<+from + +n;s++){const o=await simulate(generate(s,only as never));runs+=o.runs;req+=o.requests;com+=o.commits;kills+=o.kills;
 for(const v of new Set(o.violations.map(v=>v.invariant+' '+v.what)))by.set(v,(by.get(v)??0)+1);
 if(process.env['V'])for(const v of o.violations)console.log(s,v.invariant,v.what,v.run,v.detail);
}
const u=process.cpuUsage(t);const sec=(u.user+u.system)/1e6;
console.log({cpu:sec,perSec:+n/sec,runs:runs/+n,req:req/+n,com:com/+n,kills:kills/+n},Object.fromEntries(by));
