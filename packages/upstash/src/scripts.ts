/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '3c16214d24b091fd2df350940f2bac8301ea031d': '4a6890e404ada2ca6d803e96c8cd913087b425e5',
  // cleanup
  '993eabb2937075aab3e7f7e771031461dd89e424': 'abefade0c1de55fa227aa0e647d1edc9fd7092f5',
  // detail
  '0a2fbe0e53f54276041e87d47a91ec9796bbf237': '5e26fcb96bb7b15ab63b2200b4749efd98d0cdcf',
  // documents
  'dfb1ebe6f1d1b3109a3e7dde3db5e7704e15e7cb': 'e8210e87faf543c6dfe067140831dd534f426fad',
  // expired
  '4ff82173182d307a61444c6dbc4c41862ef5674d': '9d5cda56f6cbd4f4084038642f6dd91c3ebe8f19',
  // heartbeat
  'a547019ec6b8e3c5f269c3de32a3fdd5ae7b79b0': 'f6a8ba79faf675ddc5fbfef170f177f5d5b03f63',
  // register
  'e37f563529e04f5249ee4c37e5e812ec3a3e8fd3': 'f1d06102d42d60c0b111d3aed5da5fd2097f7000',
  // unregister
  '9e30862eb915021f9804220b2ed2d64fe6fb250f': 'c3800f333cefcfa2160492f2742ae0be9c39085d',
  // update
  'df30e1bfff30060810c2c8259bedb0bb80303c0e': '0dd8914231dca4921ccb18860514b1cec9f954ca',
};
