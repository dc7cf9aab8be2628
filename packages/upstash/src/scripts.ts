/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '6e3491ecd23f1a99c939a58790ea512862f7be3e': 'fa0efebc33640c9de3fb0186784141e97b769eeb',
  // cleanup
  'a6e88dcb7f37ccee477dd6a167472a0ef87d75a9': '659ea2aa850ad528e330853f08367844e05edc99',
  // detail
  '648a96c9ef9c99f47c231c87d47cd3cbce4b1952': 'fa5dacb13351ef6a63a53c14f3230c4728b28e14',
  // documents
  '7235b5a3579846092c095d1157a3ff9659ea0c0f': 'f0f507e668efc8a2edb38144fde9da5a86549caa',
  // expired
  '9f301146d58fabd5181f6973699fa079ae4ad384': '5514a417b59f8c40fb6ef28c89a185d780d8394f',
  // heartbeat
  '08b38454f967eb40f82013d59fccc9b2cb5914c6': 'ee42803bfc6d5ede8d595f9961b388754f64c191',
  // register
  '6849c20669df874fe6932e4c55a2dee274f91348': 'cecb3ea6e1b97910286051ee9697bc96ed4cd95a',
  // unregister
  '2dd7db66e3b27670d3a21766af80a1c4eb29891e': 'fe113ab903537893b6a25714eaf3dc32839a268a',
  // update
  'c0768619e14ee827bc297a25fc0323e832299e57': 'dfbf43345ae7b7ae686b5c7274a03895d9a8c264',
};
