/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'restore' | 'stored', Script>> = {
  restore: {
    sha: 'f79cf990c7efa387bc3d221ec6d27b185a5ed47f',
    source: `local z=redis.call('TIME')
local o=z[1]*1000000+z[2]
local function p(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function ai(g,M)return#g-#'registry:incarnations'+#M+1 end
local function aj(g,M,U,m)
local ag=ai(g,M)
local l={}
for a=U,m do l[a-U+1]=string.sub(KEYS[a],ag)end
return l
end
local function C(h,...)
local j=redis.call('HMGET',h,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ah(h,L,...)
local m=C(h,'epoch','version','told')
for an,ak in ipairs({...})do redis.call('ZCARD',ak)end
if not m[2]and L~=''then redis.call('HSET',h,'schema','1','epoch',L,'floor','0')end
return math.max(tonumber(m[3])or 0,o-1),{m[2]or L,m[4]or'0',''}
end
local function al(h,af,d,b)
b[3]=p(d)
redis.call('HSET',h,'version',b[3],'told',b[3])
local N=table.concat(b,'\\t')
if#N>16384 then N=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',af,N)
end
local function ao(F,h,Z,e,d,b)
d=p(d)
redis.call('ZADD',F,d,Z..' '..e)
local H=redis.call('ZCARD',F)-10000
if H>0 then
local m=redis.call('ZRANGE',F,H-1,H-1,'WITHSCORES')
redis.call('HSET',h,'floor',m[2])
redis.call('ZREMRANGEBYRANK',F,0,H-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..d,e,Z
end
local f=(#KEYS-6)/2
local i={p(o)}
if f==0 then
C(KEYS[5])
return i
end
local l=aj(KEYS[2],'backend:',7,6+f)
local W=redis.call('HMGET',KEYS[2],unpack(l))
local S=redis.call('HMGET',KEYS[6],unpack(l))
local y=redis.call('MGET',unpack(KEYS,7))
local B=redis.call('ZMSCORE',KEYS[1],unpack(l))
local am=redis.call('ZMSCORE',KEYS[3],unpack(l))
local R,b=ah(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local d=R
local k,s,t,g,u,w={},{},{},{},{},{}
local O=false
for a=1,f do
local e,q=l[a],6*a-2
local D,G,K,A=ARGV[q],ARGV[q+1],ARGV[q+2],ARGV[q+3]
local X=tonumber(K)
local J,ab,n,r,I,P
if S[a]then J,ab,n,r,I,P=string.match(S[a],'^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ac=W[a]and I and I==y[f+a]
local ad=ac and tonumber(n)==tonumber(am[a])
local c,E='present',false
if J==ARGV[3]then
c=ab
elseif X<=o then
c='expired'
elseif not W[a]then
local V=redis.call('ZSCORE',KEYS[4],'unregistered '..e)
if V and(P==D or tonumber(V)>tonumber(A)*1000000)then
c='unregistered'
elseif redis.call('EXISTS',KEYS[6+a],KEYS[6+f+a])>0 then
c='foreign'
else
c='restored'
end
elseif ad and tonumber(G)>tonumber(r)then
c='updated'
elseif ac and P==D and tonumber(G)>=tonumber(r)then
E=X>tonumber(B[a]or 0)
if ad then c=E and'renewed'or'unchanged'end
elseif tonumber(B[a]or 0)<=o and(tonumber(y[f+a])or 0)<tonumber(A)and tonumber(G)>=(tonumber(r)or 0)then
c='updated'
end
local ae=J~=ARGV[3]and(c=='restored'or c=='updated')
if ae then
d=d+1
n=p(d)
local aa=ARGV[q+4]..n..ARGV[q+5]
k[#k+1],k[#k+2]=KEYS[6+a],aa
t[#t+1],t[#t+2]=n,e
g[#g+1],g[#g+2]=e,D
u[#u+1],u[#u+2]='unregistered '..e,'expired '..e
b[#b+1],b[#b+2],b[#b+3]='+'..K,e,aa
r=G
end
if ae or E then
O=O or E
k[#k+1],k[#k+2]=KEYS[6+f+a],A
s[#s+1],s[#s+2]=K,e
w[#w+1],w[#w+2]=e,table.concat({ARGV[3],c,n,r,A,D},' ')
end
i[2*a],i[2*a+1]=c,n or''
end
if#s==0 then return i end
local Y=p(o)
local T=O and redis.call('ZCOUNT',KEYS[1],'-inf',Y)or 0
if#g>0 then
if b[1]==''then
b[1]=ARGV[2]
redis.call('HSET',KEYS[5],'schema','1','epoch',b[1],'floor','0')
end
redis.call('HSET',KEYS[2],unpack(g))
redis.call('ZREM',KEYS[4],unpack(u))
redis.call('ZADD',KEYS[3],unpack(t))
end
redis.call('MSET',unpack(k))
redis.call('ZADD',KEYS[1],unpack(s))
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local Q=T>0 and redis.call('ZCOUNT',KEYS[1],'-inf',Y)<T
if d>R then al(KEYS[5],ARGV[1],d,Q and{b[1],b[2],''}or b)
elseif Q then redis.call('PUBLISH',ARGV[1],b[1])end
return i`,
  },
  stored: {
    sha: '5dc02b1e9964df6e16b8c9b463ee29be64055d2c',
    source: `local z=redis.call('TIME')
local o=z[1]*1000000+z[2]
local function p(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function C(h,...)
local j=redis.call('HMGET',h,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
C(KEYS[2])
local f=#ARGV
local y=redis.call('MGET',unpack(KEYS,3))
local B=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={p(o)}
for a=1,f do
i[3*a-1],i[3*a],i[3*a+1]=y[a]or'',y[f+a]or'',B[a]or''
end
return i`,
  },
};
