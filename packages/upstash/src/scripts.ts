/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '4579f0dc9e137ccb11c105a0367fbcaf3f27873e': '7c4ef1a77344dbdfc21c3ceafd6fafc17501879d',
  // cleanup
  'de26a2dfcdcb20c1a589c71c610a418d7172a15d': '6dc682398f9a0a029a10720b742e084f02ebd56f',
  // detail
  'a5b31bcec23912097968697ae7d8953e28c09592': 'd9e39462355a0405878c9df7b6af1d462a50dcc7',
  // documents
  'dfb1ebe6f1d1b3109a3e7dde3db5e7704e15e7cb': 'e8210e87faf543c6dfe067140831dd534f426fad',
  // expired
  '9e37dda62794b4b8a2ced4fbc345417a39725731': '8de0ab26a74797abbc8d722566fe4e0de043db96',
  // heartbeat
  '0d72ab4e03d5d332116e93e5cfff43f7677f915a': 'cc21eaf70171696c2625ae6678d99a80ac07f525',
  // register
  '0c0dfc7924318467fe4ebdad1a2ccc1a6466b973': 'febb1503356668eff1e6fc9fce705441d0ef48a8',
  // unregister
  'e8183d737e1e0d2d492c0fc5014844d39ae5b0ef': '539917008e952a2060a7201df715cad2c2e812ae',
  // update
  '2570f1a9d5fe9e2c75c1adcb5956a17a2a0dacbc': '44d9c5b04ef58babba33070a7acaf5fb8b738c03',
};
