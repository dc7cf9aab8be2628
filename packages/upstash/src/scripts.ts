/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  'a8b18505115d5ae3b09b1d3f7b5b7beac003e160': '53e3bc2ba6d5bbfac7320f45d4d95bced36d9ee9',
  // cleanup
  'b2dc451449b12286274c92777241c2823423a581': '02d108cc8023d21220e26397be15df6046533b83',
  // detail
  'a5b31bcec23912097968697ae7d8953e28c09592': 'd9e39462355a0405878c9df7b6af1d462a50dcc7',
  // documents
  '1e62719f4893be5e52645fa24f2f5796a438eacb': '48c25564d41e07b11fc6d0ae76fe896fe41e836e',
  // expired
  '9e37dda62794b4b8a2ced4fbc345417a39725731': '8de0ab26a74797abbc8d722566fe4e0de043db96',
  // heartbeat
  '1d56393a0625b67e0a3f93559f083c977d6f10a5': 'a068abe1dd36e47c327c558bc3c337e9c0696c9d',
  // register
  'f3d595fb3f2a467c7ca9d3829bb780bb7185701f': 'dc340b1032a74a6c714b5fb5413cd7f4718e0c71',
  // unregister
  'b32bbbc4c39a9846ee50e610bfad65e9e73a7b44': 'ae7f991eef331fbb65d368e6e5ec88b0c3ef6aeb',
  // update
  '7037892a208cb2e63699e3947dbd2c92e7138288': 'a3d820308c7bf518aa7fb795bd966336ba09aea8',
};
