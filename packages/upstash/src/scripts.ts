/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  'e568719e80ef0e415889d71d8f3cbdcf1bfd2d1d': '64f71851e3798113ff81d0ae97b3c64eb1bd6b2c',
  // cleanup
  '42704ca9652076aa7feaba74dfc41376efc4b33a': '46f5bd6c16bcc26278dc61539afd36b8b78da040',
  // detail
  '8ce870209f30c3e74dd6231afdc5cfda9fc2b848': '1991b73898e10499f28807ddc3407f77bc78325a',
  // documents
  '67d3986f097180df110ef0fa691c014e1070f9b9': '5608b9afcad20336cd5d77b196e23ac3bf3493e9',
  // expired
  'c537bb6e323c054d9483627843bde952a19b5ad7': '1479fea1bf865668e79c2620c6fd03f91267d8d2',
  // heartbeat
  'b04d294721a6d9850d2673a98b7dc5292a244c5c': '29b7e266a03124acfbd7d3478c63e852f7d5463b',
  // register
  'c5b7246f9765da5061c51fe21383db91db1a64c1': '3e3ada27537cd268b8ed92b0d9ed118478b77124',
  // unregister
  'cb731a8ed7e022939dfa28f988292605412e6a75': 'c39feea2ebf6a1ac399f4ed46e97aaffaaa87911',
  // update
  'ca9eb572b806e72b457de94240557c3421076c9a': '1bc6f6dc06fc1063e6ac23a29b55c5ab2d95699d',
};
