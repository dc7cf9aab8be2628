/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '9e0d33fc760504675cd888f32c249cb28cab12dc': 'ca7d7819dff409809b76bc7cb3eda79a8a75bec6',
  // cleanup
  'ea35c9b4ed5e1d7ebec5dee652b2f77914ae9a40': 'b4edd1d9105f66699f2b61793954e81907ca6474',
  // detail
  '9b526dae501cbf501065c24d1187844210faa007': '568f29d85f3fbbfabfd4d7de63a5ef0c3147bf28',
  // documents
  'a392e11444a39ed4c435488d2890b03694094865': '8e3ec043e70cfac714a57d6c49332fa872687dc6',
  // expired
  '2fa15a1823274cf3ff1061ec2a232f28da6096e2': '18bfc52f22d57830b4a328eb2f2332eb5b4b8530',
  // heartbeat
  'd2ae33c14cfac438c685cca14f8012b7c78fc400': '5a87c57faabccae6dbdeafc975d2c4ce4dbe42d4',
  // register
  'dc7fa3dc04b5e6d440d39b27af76458c741a8330': '199cbb316d25fdb48b72220cae71fa0544fe9fa9',
  // unregister
  'c43e3c7e52941ef0f5c3eb66b19ba8e7290d62f5': '9486b2af08590d764d488ff12181ecd871582dd6',
  // update
  'b8e45a1319238757e10bfa746fefbbd69a314e70': 'b487b6dab3922682d3802f3bea50571601ea34cc',
};
