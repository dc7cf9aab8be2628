/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'leased' | 'restore' | 'stored', Script>> = {
  leased: {
    sha: '87ce4d3d77dcebd76710ceaf9b9b326c6f50289a',
    source: `return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','LIMIT',ARGV[1],ARGV[2])`,
  },
  restore: {
    sha: 'f287abd7da1152fd002c58a45037cf4d3678d4db',
    source: `local z=redis.call('TIME')
local q=z[1]*1000000+z[2]
local function r(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function ak(c,M)return#c-#'registry:incarnations'+#M+1 end
local function al(c,M,V,n)
local ai=ak(c,M)
local m={}
for a=V,n do m[a-V+1]=string.sub(KEYS[a],ai)end
return m
end
local function C(i,...)
local j=redis.call('HMGET',i,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function aj(i,L,...)
local n=C(i,'epoch','version','told')
for ap,an in ipairs({...})do redis.call('ZCARD',an)end
if not n[2]and L~=''then redis.call('HSET',i,'schema','1','epoch',L,'floor','0')end
return math.max(tonumber(n[3])or 0,q-1),{n[2]or L,n[4]or'0',''}
end
local function am(i,e,b)
b[3]=r(e)
redis.call('HSET',i,'version',b[3],'told',b[3])
end
local function ao(ah,b)
local N=table.concat(b,'\\t')
if#N>16384 then N=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ah,N)
end
local function aq(F,i,ab,f,e,b)
e=r(e)
redis.call('ZADD',F,e,ab..' '..f)
local H=redis.call('ZCARD',F)-10000
if H>0 then
local n=redis.call('ZRANGE',F,H-1,H-1,'WITHSCORES')
redis.call('HSET',i,'floor',n[2])
redis.call('ZREMRANGEBYRANK',F,0,H-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..e,f,ab
end
local h=(#KEYS-6)/2
local g={r(q)}
if h==0 then
C(KEYS[5])
return g
end
local m=al(KEYS[2],'backend:',7,6+h)
local Y=redis.call('HMGET',KEYS[2],unpack(m))
local T=redis.call('HMGET',KEYS[6],unpack(m))
local y=redis.call('MGET',unpack(KEYS,7))
local B=redis.call('ZMSCORE',KEYS[1],unpack(m))
local P=redis.call('ZMSCORE',KEYS[3],unpack(m))
local S,b=aj(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local e=S
local k,p,t,c,u,w={},{},{},{},{},{}
local O=false
for a=1,h do
local f,l=m[a],7*a-3
local D,G,K,A=ARGV[l],ARGV[l+1],ARGV[l+2],ARGV[l+3]
local Z=tonumber(K)
local J,ad,o,s,I,X,Q
if T[a]then J,ad,o,s,I,X,Q=string.match(T[a],'^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ae=Y[a]and I and I==y[h+a]
local af=ae and tonumber(o)==tonumber(P[a])
local d,E='present',false
if J==ARGV[3]then
d=ad
elseif Z<=q then
d='expired'
elseif not Y[a]then
local W=redis.call('ZSCORE',KEYS[4],'unregistered '..f)
if W and(Q==D or tonumber(W)>tonumber(A)*1000000)then
d='unregistered'
elseif redis.call('EXISTS',KEYS[6+a],KEYS[6+h+a])>0 then
d='foreign'
else
d='restored'
end
elseif af and tonumber(G)>tonumber(s)then
d='updated'
elseif ae and Q==D and tonumber(G)>=tonumber(s)then
E=Z>tonumber(B[a]or 0)and X~=ARGV[l+6]
if af then d=E and'renewed'or'unchanged'end
elseif tonumber(B[a]or 0)<=q and(tonumber(y[h+a])or 0)<tonumber(A)and tonumber(G)>=(tonumber(s)or 0)then
d='updated'
end
local ag=J~=ARGV[3]and(d=='restored'or d=='updated')
if ag then
e=e+1
o=r(e)
local ac=ARGV[l+4]..o..ARGV[l+5]
k[#k+1],k[#k+2]=KEYS[6+a],ac
t[#t+1],t[#t+2]=o,f
c[#c+1],c[#c+2]=f,D
u[#u+1],u[#u+2]='unregistered '..f,'expired '..f
b[#b+1],b[#b+2],b[#b+3]='+'..K,f,ac
s=G
end
if ag or E then
O=O or E
k[#k+1],k[#k+2]=KEYS[6+h+a],A
p[#p+1],p[#p+2]=K,f
w[#w+1],w[#w+2]=f,table.concat({ARGV[3],d,o,s,A,ARGV[l+6],D},' ')
end
g[2*a],g[2*a+1]=d,o or''
end
if#p==0 then return g end
local aa=r(q)
local U=O and redis.call('ZCOUNT',KEYS[1],'-inf',aa)or 0
if#c>0 then
if b[1]==''then
b[1]=ARGV[2]
redis.call('HSET',KEYS[5],'schema','1','epoch',b[1],'floor','0')
end
am(KEYS[5],e,b)
else
redis.call('ZADD',KEYS[1],unpack(p))
end
redis.call('EXPIRE',KEYS[6],86400)
if#c>0 then
redis.call('ZADD',KEYS[3],unpack(t))
redis.call('ZADD',KEYS[1],unpack(p))
redis.call('ZREM',KEYS[4],unpack(u))
end
redis.call('MSET',unpack(k))
if#c>0 then redis.call('HSET',KEYS[2],unpack(c))end
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local R=U>0 and redis.call('ZCOUNT',KEYS[1],'-inf',aa)<U
if e>S then ao(ARGV[1],R and{b[1],b[2],b[3]}or b)
elseif R then redis.call('PUBLISH',ARGV[1],b[1])end
return g`,
  },
  stored: {
    sha: 'e871c48de34874968917367ef4bd744bb74d8e78',
    source: `local z=redis.call('TIME')
local q=z[1]*1000000+z[2]
local function r(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function C(i,...)
local j=redis.call('HMGET',i,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
C(KEYS[2])
local h=#ARGV
local y=redis.call('MGET',unpack(KEYS,4))
local B=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local P=redis.call('ZMSCORE',KEYS[3],unpack(ARGV))
local g={r(q)}
for a=1,h do
g[4*a-2],g[4*a-1],g[4*a],g[4*a+1]=y[a]or'',y[h+a]or'',B[a]or'',P[a]or''
end
return g`,
  },
};
