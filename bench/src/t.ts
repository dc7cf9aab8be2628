const [, , file, name, full, rows] = process.argv;
const { [name as string]: section } = await import(`./sections/${file}.ts`);
const data = await section.measure({ wanted: (r: string) => !rows || r.includes(rows), full: full === 'full' });
console.log(section.text(data));
process.exit(0);
