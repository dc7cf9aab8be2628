/** `docs/operations.md` shows what its commands print. */
import { checkPage } from './pages/check.ts';
import { OPERATIONS } from './pages/operations.ts';

checkPage('operations.md', OPERATIONS);
