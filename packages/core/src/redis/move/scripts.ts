/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'restore' | 'stored', Script>> = {
  restore: {
    sha: '9420ceaaed17caebacdf9fec8f1dfdc81c8f75d7',
    source: `local z=redis.call('TIME')
local o=z[1]*1000000+z[2]
local function p(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function ai(c,M)return#c-#'registry:incarnations'+#M+1 end
local function aj(c,M,U,m)
local ag=ai(c,M)
local l={}
for b=U,m do l[b-U+1]=string.sub(KEYS[b],ag)end
return l
end
local function C(h,...)
local j=redis.call('HMGET',h,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ah(h,L,...)
local m=C(h,'epoch','version','told')
for ao,al in ipairs({...})do redis.call('ZCARD',al)end
if not m[2]and L~=''then redis.call('HSET',h,'schema','1','epoch',L,'floor','0')end
return math.max(tonumber(m[3])or 0,o-1),{m[2]or L,m[4]or'0',''}
end
local function ak(h,e,a)
a[3]=p(e)
redis.call('HSET',h,'version',a[3],'told',a[3])
end
local function am(af,a)
local N=table.concat(a,'\\t')
if#N>16384 then N=table.concat(a,'\\t',1,3)end
redis.call('PUBLISH',af,N)
end
local function ap(F,h,Z,f,e,a)
e=p(e)
redis.call('ZADD',F,e,Z..' '..f)
local H=redis.call('ZCARD',F)-10000
if H>0 then
local m=redis.call('ZRANGE',F,H-1,H-1,'WITHSCORES')
redis.call('HSET',h,'floor',m[2])
redis.call('ZREMRANGEBYRANK',F,0,H-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..e,f,Z
end
local g=(#KEYS-6)/2
local i={p(o)}
if g==0 then
C(KEYS[5])
return i
end
local l=aj(KEYS[2],'backend:',7,6+g)
local W=redis.call('HMGET',KEYS[2],unpack(l))
local S=redis.call('HMGET',KEYS[6],unpack(l))
local y=redis.call('MGET',unpack(KEYS,7))
local B=redis.call('ZMSCORE',KEYS[1],unpack(l))
local an=redis.call('ZMSCORE',KEYS[3],unpack(l))
local R,a=ah(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local e=R
local k,s,t,c,u,w={},{},{},{},{},{}
local O=false
for b=1,g do
local f,q=l[b],6*b-2
local D,G,K,A=ARGV[q],ARGV[q+1],ARGV[q+2],ARGV[q+3]
local X=tonumber(K)
local J,ab,n,r,I,P
if S[b]then J,ab,n,r,I,P=string.match(S[b],'^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local ac=W[b]and I and I==y[g+b]
local ad=ac and tonumber(n)==tonumber(an[b])
local d,E='present',false
if J==ARGV[3]then
d=ab
elseif X<=o then
d='expired'
elseif not W[b]then
local V=redis.call('ZSCORE',KEYS[4],'unregistered '..f)
if V and(P==D or tonumber(V)>tonumber(A)*1000000)then
d='unregistered'
elseif redis.call('EXISTS',KEYS[6+b],KEYS[6+g+b])>0 then
d='foreign'
else
d='restored'
end
elseif ad and tonumber(G)>tonumber(r)then
d='updated'
elseif ac and P==D and tonumber(G)>=tonumber(r)then
E=X>tonumber(B[b]or 0)
if ad then d=E and'renewed'or'unchanged'end
elseif tonumber(B[b]or 0)<=o and(tonumber(y[g+b])or 0)<tonumber(A)and tonumber(G)>=(tonumber(r)or 0)then
d='updated'
end
local ae=J~=ARGV[3]and(d=='restored'or d=='updated')
if ae then
e=e+1
n=p(e)
local aa=ARGV[q+4]..n..ARGV[q+5]
k[#k+1],k[#k+2]=KEYS[6+b],aa
t[#t+1],t[#t+2]=n,f
c[#c+1],c[#c+2]=f,D
u[#u+1],u[#u+2]='unregistered '..f,'expired '..f
a[#a+1],a[#a+2],a[#a+3]='+'..K,f,aa
r=G
end
if ae or E then
O=O or E
k[#k+1],k[#k+2]=KEYS[6+g+b],A
s[#s+1],s[#s+2]=K,f
w[#w+1],w[#w+2]=f,table.concat({ARGV[3],d,n,r,A,D},' ')
end
i[2*b],i[2*b+1]=d,n or''
end
if#s==0 then return i end
local Y=p(o)
local T=O and redis.call('ZCOUNT',KEYS[1],'-inf',Y)or 0
redis.call('EXPIRE',KEYS[6],86400)
if#c>0 then
if a[1]==''then
a[1]=ARGV[2]
redis.call('HSET',KEYS[5],'schema','1','epoch',a[1],'floor','0')
end
ak(KEYS[5],e,a)
redis.call('ZADD',KEYS[3],unpack(t))
end
redis.call('ZADD',KEYS[1],unpack(s))
if#c>0 then redis.call('ZREM',KEYS[4],unpack(u))end
redis.call('MSET',unpack(k))
if#c>0 then redis.call('HSET',KEYS[2],unpack(c))end
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local Q=T>0 and redis.call('ZCOUNT',KEYS[1],'-inf',Y)<T
if e>R then am(ARGV[1],Q and{a[1],a[2],a[3]}or a)
elseif Q then redis.call('PUBLISH',ARGV[1],a[1])end
return i`,
  },
  stored: {
    sha: 'c62e1f82c27424f28a74e76b5ab0aec89c95c808',
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
local g=#ARGV
local y=redis.call('MGET',unpack(KEYS,3))
local B=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={p(o)}
for b=1,g do
i[3*b-1],i[3*b],i[3*b+1]=y[b]or'',y[g+b]or'',B[b]or''
end
return i`,
  },
};
