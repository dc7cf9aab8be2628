/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '5ef83e6565a1e5015957a40a3b77cdf6d4320bc5': 'f562aa868756d69ccab1833b14644360586ad5eb',
  // cleanup
  'a603c9b408b03b59d94cf039830585c2f95bd06f': '011854dea4c864a51bc215d249da993083a1ddad',
  // detail
  '41ce567d7f542d2171fcbbb092505e9d062020ea': '7cab9dcbdbbe7840a192fc49c256bcead747a258',
  // documents
  'f04a2c6ba4e7aee7f73b1927a07bae924f5cafef': '99f47e324f03ed2273634b08e8d5afc374dd0655',
  // expired
  '543343d8c9b01d77650f6c4339cd744fb1389f0c': 'f36572f92f9602be27e006a35f5dd3a832b2affa',
  // heartbeat
  '94a74f5902b2db1676c42aa6c0534406b5e28e95': 'f41a2ddbbd931ee6153087e1bcf15ba0dbf73e3c',
  // register
  'b59134051fc3c8dd2f511a9d9d357ee8fd45f32d': '1dd28160e12d76f493d98e449c8a28b58e441b9a',
  // unregister
  '05407fca352dea475d1b187059b00398fc0baaa7': '8a798802e2085a3f08aa3ce70f1c2787c54494b7',
  // update
  '8e1b0b258e9379518f315ad67f15a4696f909f82': '433c866aa4b73e892755a5907e70420f19adaf53',
};
