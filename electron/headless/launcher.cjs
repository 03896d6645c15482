#!/usr/bin/env node
'use strict';
// Plain old JavaScript: it must be able to say "too old" on any Node, where the rest would crash without a word.
var needed = [22, 18];
var found = process.versions.node.split('.').map(Number);
if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    'nightjar: this needs Node ' +
      needed.join('.') +
      ' or newer, and this is Node ' +
      process.versions.node +
      '; in a checkout run it as "npx nightjar", which brings its own.\n',
  );
  process.exit(2);
}

var os = require('node:os');
var path = require('node:path');
var fs = require('node:fs');
var url = require('node:url');

// Snapshots are compressed on Node's thread pool, which has four threads unless it is told before its first use.
process.env.UV_THREADPOOL_SIZE = process.env.UV_THREADPOOL_SIZE || String(Math.max(4, os.availableParallelism()));

// In a checkout the sources run as they are; a package has only what was built from them.
var source = path.join(__dirname, 'cli.ts');
var built = path.join(__dirname, '..', '..', 'out', 'headless', 'cli.js');
import(url.pathToFileURL(fs.existsSync(source) ? source : built).href).then(function (cli) {
  return cli.main(process.argv.slice(2));
});
