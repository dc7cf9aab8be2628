/** `docs/troubleshooting.md` shows what its commands print. */
import { checkPage } from './pages/check.ts';
import { TROUBLESHOOTING } from './pages/troubleshooting.ts';

checkPage('troubleshooting.md', TROUBLESHOOTING);
