/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '43e19c6419737c141afe2422cb639463101de5ec': '44a6db8d71e026aed57e032a3053a318bd48e23b',
  // cleanup
  'd427717e0a215ecbd500a85828fa7f5e491d551b': '984cf5d88729c11355ba397477f107a9f1408806',
  // detail
  '648a96c9ef9c99f47c231c87d47cd3cbce4b1952': 'fa5dacb13351ef6a63a53c14f3230c4728b28e14',
  // documents
  '7be2f4a56a414c67fdd4bd4f3796d1eb6071d2c5': '1c319eeaa13931372208f00a8b0dc55a63165934',
  // expired
  '9f301146d58fabd5181f6973699fa079ae4ad384': '5514a417b59f8c40fb6ef28c89a185d780d8394f',
  // heartbeat
  '074a5fcc81651ebf9aa0bf49b1d46ba0bb7dbd1c': 'b799dd616c5e1c141d584b03328156630d4517c4',
  // register
  '8e2a1b20a394d4a39c4d55b14a0665ce5389f2e0': 'c8cca5c67fadee1136b746362a9a7ccb90d11331',
  // unregister
  'baf131ca6c49779e7bebe3c3be1b280c450d7e43': '1e094de82876106766ff9e8b88be5f447c39413d',
  // update
  '5e8066afd849d644def0aaeb785d4616db5cf9eb': 'a51ead028bb4d1f8e8f15661d813d4cf305b19bd',
};
