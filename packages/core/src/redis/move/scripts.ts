/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'restore' | 'stored', Script>> = {
  restore: {
    sha: '81ab1ac9df492e6181f57bae18f8f843563d0336',
    source: `local y=redis.call('TIME')
local r=y[1]*1000000+y[2]
local function o(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function ah(f,K)return#f-#'registry:incarnations'+#K+1 end
local function ai(f,K,U,m)
local af=ah(f,K)
local l={}
for a=U,m do l[a-U+1]=string.sub(KEYS[a],af)end
return l
end
local function z(g,...)
local j=redis.call('HMGET',g,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ag(g,J,...)
local m=z(g,'epoch','version','told')
for am,aj in ipairs({...})do redis.call('ZCARD',aj)end
if not m[2]and J~=''then redis.call('HSET',g,'schema','1','epoch',J,'floor','0')end
return math.max(tonumber(m[3])or 0,r-1),{m[2]or J,m[4]or'0',''}
end
local function ak(g,ae,c,b)
b[3]=o(c)
redis.call('HSET',g,'version',b[3],'told',b[3])
local L=table.concat(b,'\\t')
if#L>16384 then L=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ae,L)
end
local function an(C,g,Y,d,c,b)
c=o(c)
redis.call('ZADD',C,c,Y..' '..d)
local E=redis.call('ZCARD',C)-10000
if E>0 then
local m=redis.call('ZRANGE',C,E-1,E-1,'WITHSCORES')
redis.call('HSET',g,'floor',m[2])
redis.call('ZREMRANGEBYRANK',C,0,E-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,d,Y
end
local i=(#KEYS-6)/2
local h={o(r)}
if i==0 then
z(KEYS[5])
return h
end
local l=ai(KEYS[2],'backend:',7,6+i)
local V=redis.call('HMGET',KEYS[2],unpack(l))
local S=redis.call('HMGET',KEYS[6],unpack(l))
local D=redis.call('MGET',unpack(KEYS,7))
local I=redis.call('ZMSCORE',KEYS[1],unpack(l))
local al=redis.call('ZMSCORE',KEYS[3],unpack(l))
local R,b=ag(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=R
local k,q,s,f,u,w={},{},{},{},{},{}
local M=false
for a=1,i do
local d,p=l[a],6*a-2
local A,N,H,Q=ARGV[p],ARGV[p+1],ARGV[p+2],ARGV[p+3]
local W=tonumber(H)
local G,aa,n,t,F,O
if S[a]then G,aa,n,t,F,O=string.match(S[a],'^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ab=V[a]and F and F==D[i+a]
local ac=ab and tonumber(n)==tonumber(al[a])
local e,B='present',false
if G==ARGV[3]then
e=aa
elseif W<=r then
e='expired'
elseif not V[a]then
if O==A and redis.call('ZSCORE',KEYS[4],'unregistered '..d)then
e='unregistered'
elseif redis.call('EXISTS',KEYS[6+a],KEYS[6+i+a])>0 then
e='foreign'
else
e='restored'
end
elseif ac and tonumber(N)>tonumber(t)then
e='updated'
elseif ab and O==A and tonumber(N)>=tonumber(t)then
B=W>tonumber(I[a]or 0)
if ac then e=B and'renewed'or'unchanged'end
end
local ad=G~=ARGV[3]and(e=='restored'or e=='updated')
if ad then
c=c+1
n=o(c)
local Z=ARGV[p+4]..n..ARGV[p+5]
k[#k+1],k[#k+2]=KEYS[6+a],Z
s[#s+1],s[#s+2]=n,d
f[#f+1],f[#f+2]=d,A
u[#u+1],u[#u+2]='unregistered '..d,'expired '..d
b[#b+1],b[#b+2],b[#b+3]='+'..H,d,Z
t=N
end
if ad or B then
M=M or B
k[#k+1],k[#k+2]=KEYS[6+i+a],Q
q[#q+1],q[#q+2]=H,d
w[#w+1],w[#w+2]=d,table.concat({ARGV[3],e,n,t,Q,A},' ')
end
h[2*a],h[2*a+1]=e,n or''
end
if#q==0 then return h end
local X=o(r)
local T=M and redis.call('ZCOUNT',KEYS[1],'-inf',X)or 0
if#f>0 then
redis.call('HSET',KEYS[2],unpack(f))
redis.call('ZREM',KEYS[4],unpack(u))
redis.call('ZADD',KEYS[3],unpack(s))
end
redis.call('MSET',unpack(k))
redis.call('ZADD',KEYS[1],unpack(q))
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local P=T>0 and redis.call('ZCOUNT',KEYS[1],'-inf',X)<T
if c>R then ak(KEYS[5],ARGV[1],c,P and{b[1],b[2],''}or b)
elseif P then redis.call('PUBLISH',ARGV[1],b[1])end
return h`,
  },
  stored: {
    sha: 'a9fec4cbb18f8be834a104775d3789f07c8e8c33',
    source: `local y=redis.call('TIME')
local r=y[1]*1000000+y[2]
local function o(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function z(g,...)
local j=redis.call('HMGET',g,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
z(KEYS[2])
local i=#ARGV
local D=redis.call('MGET',unpack(KEYS,3))
local I=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local h={o(r)}
for a=1,i do
h[3*a-1],h[3*a],h[3*a+1]=D[a]or'',D[i+a]or'',I[a]or''
end
return h`,
  },
};
