/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'restore' | 'stored', Script>> = {
  restore: {
    sha: 'b6da4a2fb83f6dbfa88a080611c5d664e1547519',
    source: `local z=redis.call('TIME')
local q=z[1]*1000000+z[2]
local function r(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function aj(c,M)return#c-#'registry:incarnations'+#M+1 end
local function ak(c,M,U,n)
local ah=aj(c,M)
local m={}
for b=U,n do m[b-U+1]=string.sub(KEYS[b],ah)end
return m
end
local function C(h,...)
local j=redis.call('HMGET',h,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ai(h,L,...)
local n=C(h,'epoch','version','told')
for ap,am in ipairs({...})do redis.call('ZCARD',am)end
if not n[2]and L~=''then redis.call('HSET',h,'schema','1','epoch',L,'floor','0')end
return math.max(tonumber(n[3])or 0,q-1),{n[2]or L,n[4]or'0',''}
end
local function al(h,e,a)
a[3]=r(e)
redis.call('HSET',h,'version',a[3],'told',a[3])
end
local function an(ag,a)
local N=table.concat(a,'\\t')
if#N>16384 then N=table.concat(a,'\\t',1,3)end
redis.call('PUBLISH',ag,N)
end
local function aq(F,h,aa,f,e,a)
e=r(e)
redis.call('ZADD',F,e,aa..' '..f)
local H=redis.call('ZCARD',F)-10000
if H>0 then
local n=redis.call('ZRANGE',F,H-1,H-1,'WITHSCORES')
redis.call('HSET',h,'floor',n[2])
redis.call('ZREMRANGEBYRANK',F,0,H-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..e,f,aa
end
local g=(#KEYS-6)/2
local i={r(q)}
if g==0 then
C(KEYS[5])
return i
end
local m=ak(KEYS[2],'backend:',7,6+g)
local X=redis.call('HMGET',KEYS[2],unpack(m))
local S=redis.call('HMGET',KEYS[6],unpack(m))
local y=redis.call('MGET',unpack(KEYS,7))
local B=redis.call('ZMSCORE',KEYS[1],unpack(m))
local ao=redis.call('ZMSCORE',KEYS[3],unpack(m))
local R,a=ai(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local e=R
local k,p,t,c,u,w={},{},{},{},{},{}
local O=false
for b=1,g do
local f,l=m[b],7*b-3
local D,G,K,A=ARGV[l],ARGV[l+1],ARGV[l+2],ARGV[l+3]
local Y=tonumber(K)
local J,ac,o,s,I,W,P
if S[b]then J,ac,o,s,I,W,P=string.match(S[b],'^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ad=X[b]and I and I==y[g+b]
local ae=ad and tonumber(o)==tonumber(ao[b])
local d,E='present',false
if J==ARGV[3]then
d=ac
elseif Y<=q then
d='expired'
elseif not X[b]then
local V=redis.call('ZSCORE',KEYS[4],'unregistered '..f)
if V and(P==D or tonumber(V)>tonumber(A)*1000000)then
d='unregistered'
elseif redis.call('EXISTS',KEYS[6+b],KEYS[6+g+b])>0 then
d='foreign'
else
d='restored'
end
elseif ae and tonumber(G)>tonumber(s)then
d='updated'
elseif ad and P==D and tonumber(G)>=tonumber(s)then
E=Y>tonumber(B[b]or 0)and W~=ARGV[l+6]
if ae then d=E and'renewed'or'unchanged'end
elseif tonumber(B[b]or 0)<=q and(tonumber(y[g+b])or 0)<tonumber(A)and tonumber(G)>=(tonumber(s)or 0)then
d='updated'
end
local af=J~=ARGV[3]and(d=='restored'or d=='updated')
if af then
e=e+1
o=r(e)
local ab=ARGV[l+4]..o..ARGV[l+5]
k[#k+1],k[#k+2]=KEYS[6+b],ab
t[#t+1],t[#t+2]=o,f
c[#c+1],c[#c+2]=f,D
u[#u+1],u[#u+2]='unregistered '..f,'expired '..f
a[#a+1],a[#a+2],a[#a+3]='+'..K,f,ab
s=G
end
if af or E then
O=O or E
k[#k+1],k[#k+2]=KEYS[6+g+b],A
p[#p+1],p[#p+2]=K,f
w[#w+1],w[#w+2]=f,table.concat({ARGV[3],d,o,s,A,ARGV[l+6],D},' ')
end
i[2*b],i[2*b+1]=d,o or''
end
if#p==0 then return i end
local Z=r(q)
local T=O and redis.call('ZCOUNT',KEYS[1],'-inf',Z)or 0
if#c==0 then redis.call('ZADD',KEYS[1],unpack(p))
elseif a[1]==''then
a[1]=ARGV[2]
redis.call('HSET',KEYS[5],'schema','1','epoch',a[1],'floor','0')
end
if#c>0 then al(KEYS[5],e,a)end
redis.call('EXPIRE',KEYS[6],86400)
if#c>0 then
redis.call('ZADD',KEYS[3],unpack(t))
redis.call('ZADD',KEYS[1],unpack(p))
end
if#c>0 then redis.call('ZREM',KEYS[4],unpack(u))end
redis.call('MSET',unpack(k))
if#c>0 then redis.call('HSET',KEYS[2],unpack(c))end
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local Q=T>0 and redis.call('ZCOUNT',KEYS[1],'-inf',Z)<T
if e>R then an(ARGV[1],Q and{a[1],a[2],a[3]}or a)
elseif Q then redis.call('PUBLISH',ARGV[1],a[1])end
return i`,
  },
  stored: {
    sha: '6ee7f17058659ec944fd84fe7c8ab1bd885ed4c8',
    source: `local z=redis.call('TIME')
local q=z[1]*1000000+z[2]
local function r(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function C(h,...)
local j=redis.call('HMGET',h,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
C(KEYS[2])
local g=#ARGV
local y=redis.call('MGET',unpack(KEYS,3))
local B=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={r(q)}
for b=1,g do
i[3*b-1],i[3*b],i[3*b+1]=y[b]or'',y[g+b]or'',B[b]or''
end
return i`,
  },
};
