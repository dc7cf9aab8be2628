/** The least that a program of Node can do for a list: one round trip of SMEMBERS over a socket of `node:net`. `PORT` is its argument. */
import { connect } from 'node:net';

const socket = connect(Number(process.argv[2]), '127.0.0.1');
socket.write('*2\r\n$8\r\nSMEMBERS\r\n$1\r\ns\r\n');
socket.on('data', (reply) => {
  process.stdout.write(reply);
  socket.end();
});
