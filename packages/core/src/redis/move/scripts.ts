/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'leased' | 'restore' | 'stored', Script>> = {
  leased: {
    sha: '87ce4d3d77dcebd76710ceaf9b9b326c6f50289a',
    source: `return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','LIMIT',ARGV[1],ARGV[2])`,
  },
  restore: {
    sha: '92ea2a53781b72a158f09bd40d0a063c089535ce',
    source: `local z=redis.call('TIME')
local q=z[1]*1000000+z[2]
local function r(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function al(c,M)return#c-#'registry:incarnations'+#M+1 end
local function am(c,M,V,n)
local aj=al(c,M)
local m={}
for b=V,n do m[b-V+1]=string.sub(KEYS[b],aj)end
return m
end
local function C(i,...)
local j=redis.call('HMGET',i,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ak(i,L,...)
local n=C(i,'epoch','version','told')
for ah,ao in ipairs({...})do redis.call('ZCARD',ao)end
if not n[2]and L~=''then redis.call('HSET',i,'schema','1','epoch',L,'floor','0')end
return math.max(tonumber(n[3])or 0,q-1),{n[2]or L,n[4]or'0',''}
end
local function an(i,e,a)
a[3]=r(e)
redis.call('HSET',i,'version',a[3],'told',a[3])
end
local function aq(ai,a)
local N=#a-1
for ah,ap in ipairs(a)do N=N+#ap end
redis.call('PUBLISH',ai,table.concat(a,'\\t',1,N>16384 and 3 or#a))
end
local function ar(F,i,ab,f,e,a)
e=r(e)
redis.call('ZADD',F,e,ab..' '..f)
local H=redis.call('ZCARD',F)-10000
if H>0 then
local n=redis.call('ZRANGE',F,H-1,H-1,'WITHSCORES')
redis.call('HSET',i,'floor',n[2])
redis.call('ZREMRANGEBYRANK',F,0,H-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..e,f,ab
end
local h=(#KEYS-6)/2
local g={r(q)}
if h==0 then
C(KEYS[5])
return g
end
local m=am(KEYS[2],'backend:',7,6+h)
local Y=redis.call('HMGET',KEYS[2],unpack(m))
local T=redis.call('HMGET',KEYS[6],unpack(m))
local y=redis.call('MGET',unpack(KEYS,7))
local B=redis.call('ZMSCORE',KEYS[1],unpack(m))
local P=redis.call('ZMSCORE',KEYS[3],unpack(m))
local S,a=ak(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local e=S
local k,p,t,c,u,w={},{},{},{},{},{}
local O=false
for b=1,h do
local f,l=m[b],7*b-3
local D,G,K,A=ARGV[l],ARGV[l+1],ARGV[l+2],ARGV[l+3]
local Z=tonumber(K)
local J,ad,o,s,I,X,Q
if T[b]then J,ad,o,s,I,X,Q=string.match(T[b],'^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ae=Y[b]and I and I==y[h+b]
local af=ae and tonumber(o)==tonumber(P[b])
local d,E='present',false
if J==ARGV[3]then
d=ad
elseif Z<=q then
d='expired'
elseif not Y[b]then
local W=redis.call('ZSCORE',KEYS[4],'unregistered '..f)
if W and(Q==D or tonumber(W)>tonumber(A)*1000000)then
d='unregistered'
elseif redis.call('EXISTS',KEYS[6+b],KEYS[6+h+b])>0 then
d='foreign'
else
d='restored'
end
elseif af and tonumber(G)>tonumber(s)then
d='updated'
elseif ae and Q==D and tonumber(G)>=tonumber(s)then
E=Z>tonumber(B[b]or 0)and X~=ARGV[l+6]
if af then d=E and'renewed'or'unchanged'end
elseif tonumber(B[b]or 0)<=q and(tonumber(y[h+b])or 0)<tonumber(A)and tonumber(G)>=(tonumber(s)or 0)then
d='updated'
end
local ag=J~=ARGV[3]and(d=='restored'or d=='updated')
if ag then
e=e+1
o=r(e)
local ac=ARGV[l+4]..o..ARGV[l+5]
k[#k+1],k[#k+2]=KEYS[6+b],ac
t[#t+1],t[#t+2]=o,f
c[#c+1],c[#c+2]=f,D
u[#u+1],u[#u+2]='unregistered '..f,'expired '..f
a[#a+1],a[#a+2],a[#a+3]='+'..K,f,ac
s=G
end
if ag or E then
O=O or E
k[#k+1],k[#k+2]=KEYS[6+h+b],A
p[#p+1],p[#p+2]=K,f
w[#w+1],w[#w+2]=f,table.concat({ARGV[3],d,o,s,A,ARGV[l+6],D},' ')
end
g[2*b],g[2*b+1]=d,o or''
end
if#p==0 or ARGV[2]==''then return g end
local aa=r(q)
local U=O and redis.call('ZCOUNT',KEYS[1],'-inf',aa)or 0
if#c>0 then
if a[1]==''then
a[1]=ARGV[2]
redis.call('HSET',KEYS[5],'schema','1','epoch',a[1],'floor','0')
end
an(KEYS[5],e,a)
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
if e>S then aq(ARGV[1],R and{a[1],a[2],a[3]}or a)
elseif R then redis.call('PUBLISH',ARGV[1],a[1])end
return g`,
  },
  stored: {
    sha: 'c3195b21beea5680bfae99df18b27bdd48a52cbd',
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
for b=1,h do
g[4*b-2],g[4*b-1],g[4*b],g[4*b+1]=y[b]or'',y[h+b]or'',B[b]or'',P[b]or''
end
return g`,
  },
};
