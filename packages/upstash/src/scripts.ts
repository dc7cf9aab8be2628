/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '91ac2ca79a0b6e058cc830bb42c6e27349a66d08': '7d556e624972698e1b6dc8920578c01b0c21a50e',
  // cleanup
  '1a09db77a28a9b9bf1b49ff3243f55f967e29dd3': '0aa4dec7f69c520b5156cbd0de464690532746e8',
  // detail
  '648a96c9ef9c99f47c231c87d47cd3cbce4b1952': 'fa5dacb13351ef6a63a53c14f3230c4728b28e14',
  // documents
  '7235b5a3579846092c095d1157a3ff9659ea0c0f': 'f0f507e668efc8a2edb38144fde9da5a86549caa',
  // expired
  '9f301146d58fabd5181f6973699fa079ae4ad384': '5514a417b59f8c40fb6ef28c89a185d780d8394f',
  // heartbeat
  'cd5c082c6653bddc150e7f2e0d84ec7c6d76b16b': '659dd06f8598bdf0fe7ee1c6a9539df8a0839803',
  // register
  'ec65d80e0903339c8af8d7c2725534b46a1e482a': '016cbaa509833a6b5e56353f7ef888596e11fa9d',
  // unregister
  '7e7b9d9cbd66884d2a5ce9b7149302314d816128': 'a51311f62e54a8b6a6e6f56a009e8c5a82e6d7f2',
  // update
  'f76acec11148757ee29edba0e0dfd8ab3d40dae3': '932d9097b4d324a1b92b989a6303d1392b38490e',
};
