const { generateDemo } = await import(process.env.X?'/tmp/demo-x/demo.ts':'#data/demo/demo.ts');
import { openDevice } from '#engine/devices/open.ts';
import { train } from '#training/trainer.ts';
import { TrainControl } from '#training/control.ts';
import { modelById } from '#models/registry.ts';
import { randomStream } from '#data/random.ts';
import { mkdtempSync } from 'node:fs';
const [modelsArg, seedsArg, batch, shuffle] = process.argv.slice(2);
let { dataset } = generateDemo(7);
if (shuffle === 'shuffle') {
  const order = Int32Array.from({ length: dataset.items }, (_, i) => i); randomStream(1,'shuffle').shuffle(order);
  dataset = { ...dataset, modalities: dataset.modalities.map((m) => { const v = new Float32Array(m.values.length); order.forEach((from, to) => v.set(m.values.subarray(from*m.width,(from+1)*m.width), to*m.width)); return { ...m, values: v, hash: m.hash+'s' }; }) };
}
const device = await openDevice('wasm');
for (const model of modelsArg!.split(',')) {
  const vals: number[] = [];
  for (const seed of seedsArg!.split(',').map(Number)) {
    const t = Date.now();
    const folder = mkdtempSync('/tmp/demo-runs/r-');
    for await (const e of train({ runId:'x', dataset, device, findModel: modelById, runFolder: folder, cacheFolder: '/tmp/demo-runs/cache'+(shuffle??''), codeVersion:'probe', resume:false, control:new TrainControl(),
      config: { dataset:'demo', model, hyper:{}, seed, protocol:'validation', itemGraph:'computed', device:'wasm', threads:1,
        budget: { epochs:1000, patience:20, minEpochs:Number(process.env.MIN??0), batchSize:Number(batch), learningRate:0.001, width:64 } as never } })) {
      if (process.env.CURVE && e.type==='epochFinished' && e.epoch%6===1) process.stdout.write(e.validation['recall@20']!.toFixed(3)+' ');
      if (e.type==='failed') console.log(JSON.stringify(e.problem));
      if (e.type==='finished') { vals.push(e.validation['recall@20']!); console.log(model, seed, 'epochs',e.epochs,'best',e.bestEpoch, 'val',e.validation['recall@20']!.toFixed(4),'test',e.test['recall@20']!.toFixed(4), ((Date.now()-t)/1000).toFixed(1)+'s'); }
    }
  }
  const m = vals.reduce((a,b)=>a+b,0)/vals.length; console.log(model, 'mean', m.toFixed(4), 'sd', Math.sqrt(vals.reduce((a,b)=>a+(b-m)**2,0)/(vals.length-1)).toFixed(4));
}
