-- SPDX-License-Identifier: GPL-2.0-or-later
-- Small programs whose loops LuaJIT compiles as they run: numbers, tables, strings, closures, coroutines, 64-bit integers through its FFI. What
-- they print is the same compiled and interpreted (-joff), and everywhere.
local rounds = tonumber(arg[1]) or 1

local function sieve(n)
	local composite, count = {}, 0
	for i = 2, n do
		if not composite[i] then
			count = count + 1
			for k = i * i, n, i do composite[k] = true end
		end
	end
	return count
end

local function bodies(steps)
	local x, y, vx, vy = 1.0, 0.0, 0.0, 1.0
	for _ = 1, steps do
		local r = math.sqrt(x * x + y * y)
		local a = -1 / (r * r * r)
		vx, vy = vx + a * x * 0.001, vy + a * y * 0.001
		x, y = x + vx * 0.001, y + vy * 0.001
	end
	return ("%.9f %.9f"):format(x, y)
end

local function words(n)
	local seen, parts = {}, {}
	for i = 1, n do
		local word = ("w%x"):format(i * 2654435761 % 4093)
		seen[word] = (seen[word] or 0) + 1
		parts[#parts + 1] = word:sub(-2):upper()
	end
	local most = 0
	for _, times in pairs(seen) do most = math.max(most, times) end
	return most .. " " .. #table.concat(parts, ",")
end

local function closures(n)
	local function adder(k) return function(x) return x + k end end
	local sum = 0
	for i = 1, n do sum = adder(i)(sum) % 1000003 end
	return sum
end

local function generated(n)
	local all = coroutine.wrap(function()
		local a, b = 0, 1
		while true do coroutine.yield(a); a, b = b, (a + b) % 1000000007 end
	end)
	local last
	for _ = 1, n do last = all() end
	return last
end

local function hash(n)
	local ffi = require "ffi"
	local h, bytes = 14695981039346656037ULL, ffi.new("uint8_t[256]")
	for i = 0, 255 do bytes[i] = i * 7 % 256 end
	for i = 1, n do h = (h * 1099511628211ULL) + bytes[i % 256] end
	return tostring(h)
end

-- Code that is made from text, again and again, and thrown away.
local function texts(n)
	local sum = 0
	for i = 1, n do
		local f = assert(loadstring(("local s = 0 for i = 1, %d do s = s + i %% %d end return s"):format(200 + i, 1 + i % 7)))
		sum = sum + f()
	end
	return sum
end

for _ = 1, rounds do
	print("sieve", sieve(60000))
	print("bodies", bodies(40000))
	print("words", words(15000))
	print("closures", closures(60000))
	print("generated", generated(20000))
	print("hash", hash(100000))
	print("texts", texts(200))
end
