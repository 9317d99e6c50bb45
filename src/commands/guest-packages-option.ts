import { Option } from 'commander';
import { nameList } from './arguments.js';

/** `--guest-packages`, for the commands that boot a guest with a Debian tree. */
export function guestPackagesOption(): Option {
  return new Option('--guest-packages <names>', 'Debian packages that the guest has')
    .argParser(nameList)
    .default([], 'none');
}
