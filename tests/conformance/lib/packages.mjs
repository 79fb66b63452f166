// The npm packages that deploy/setup.sh put into third_party/node_modules.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const nodeModules = join(root, "third_party", "node_modules");
export const require = createRequire(join(root, "third_party", "package.json"));
