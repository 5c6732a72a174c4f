// SPDX-License-Identifier: GPL-2.0-or-later
// Small programs whose loops V8 compiles as they run: numbers, typed arrays, strings, classes, regular expressions, big integers, and code that is made
// from text. What they print is the same with every compiler, and everywhere.
'use strict';

function sieve(n) {
	const composite = new Uint8Array(n + 1);
	let count = 0;
	for (let i = 2; i <= n; i++) {
		if (composite[i]) continue;
		count++;
		for (let k = i * i; k <= n; k += i) composite[k] = 1;
	}
	return count;
}

function bodies(steps) {
	let x = 1, y = 0, vx = 0, vy = 1;
	for (let i = 0; i < steps; i++) {
		const r = Math.sqrt(x * x + y * y), a = -1 / (r * r * r);
		vx += a * x * 0.001; vy += a * y * 0.001;
		x += vx * 0.001; y += vy * 0.001;
	}
	return x.toFixed(9) + ' ' + y.toFixed(9);
}

class Shape { area() { return 0; } }
class Square extends Shape { constructor(a) { super(); this.a = a; } area() { return this.a * this.a; } }
class Strip extends Shape { constructor(a) { super(); this.a = a; } area() { return this.a; } }

function shapes(n) {
	let sum = 0;
	for (let i = 0; i < n; i++) sum = (sum + (i % 3 ? new Square(i) : new Strip(i)).area()) % 1000003;
	return sum;
}

function words(n) {
	const seen = new Map();
	for (let i = 0; i < n; i++) {
		const word = 'w' + (i * 7919 % 4093).toString(16);
		seen.set(word, (seen.get(word) || 0) + 1);
	}
	return [...seen.keys()].filter((w) => /^w[0-9]+[a-f]$/.test(w)).length;
}

function power(n) {
	let p = 1n;
	for (let i = 0; i < n; i++) p = p * 1000003n % (2n ** 127n - 1n);
	return p;
}

// Code that is made from text, again and again, and thrown away.
function texts(n) {
	let sum = 0;
	for (let i = 0; i < n; i++) sum += new Function('n', `let s = 0; for (let i = 0; i < n; i++) s += i % ${1 + i % 7}; return s;`)(300 + i);
	return sum;
}

console.log('sieve', sieve(100000));
console.log('bodies', bodies(60000));
console.log('shapes', shapes(60000));
console.log('words', words(20000));
console.log('power', power(3000).toString());
console.log('texts', texts(150));
console.log('json', JSON.stringify(JSON.parse(JSON.stringify({ a: [1, 2.5, 'x'], b: { c: null } }))));
