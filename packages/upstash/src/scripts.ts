/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  'd6b0ec33c5d7910f9bc4493cf9356796201dd3df': 'f09c26bbf011f69f118237dc77d502b80778c750',
  // cleanup
  '81a0bf60a8dfbb19f825905ef224685d43f90e97': '052ab14d36199c4e89a799d4eb9627d4bed7ec77',
  // detail
  '2296399c93717876261bfbcdc47ee07938be488d': '1d6af8e5cf1dde71187eba2941d873c0b3b68eff',
  // documents
  '5cb515c3c9201f309d2b6c91a6891d4853535fcf': 'af6236212c3d6bf517a1f7405bedadc678e0043d',
  // expired
  '2f24f2d6a45e0021ffce766916fac89a1847ef58': '109f54fa311f678e9ccd08d8d4dabc1b2d5e7de3',
  // heartbeat
  '731c0d8602efbab540c356e2071d0b66e45e02b2': '4fe3daec42e56b39a11e8361bed8a4fd1fcb8785',
  // register
  'f48d1f4f0d899419de3b74abc3f61e6c78598c71': '083521e63a1f459bd2fd4cac33f861cb53ea2fa3',
  // unregister
  '4beb2e8cac5dad271a722c90ebf33be30f53d1bb': '867d99e7fc79c6c334beee1188ce1f8afda03614',
  // update
  '015eb1e25f5dc687289c6dd4470c5ebae39afd3b': 'fd1e81d52af5b4a34a628e30abca120ab1fb1358',
};
