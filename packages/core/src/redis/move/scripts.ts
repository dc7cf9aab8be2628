/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from '../driver.ts';

export const scripts: Readonly<Record<'restore' | 'stored', Script>> = {
  restore: {
    sha: '20b280c9f65ba164599a771c67a94b1787fb9b8d',
    source: `local y=redis.call('TIME')
local r=y[1]*1000000+y[2]
local function o(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function ae(f,J)return#f-#'registry:incarnations'+#J+1 end
local function af(f,J,T,m)
local ac=ae(f,J)
local l={}
for a=T,m do l[a-T+1]=string.sub(KEYS[a],ac)end
return l
end
local function A(g,...)
local j=redis.call('HMGET',g,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
local function ad(g,I,...)
local m=A(g,'epoch','version','told')
for aj,ag in ipairs({...})do redis.call('ZCARD',ag)end
if not m[2]and I~=''then redis.call('HSET',g,'schema','1','epoch',I,'floor','0')end
return math.max(tonumber(m[3])or 0,r-1),{m[2]or I,m[4]or'0',''}
end
local function ah(g,ab,d,b)
b[3]=o(d)
redis.call('HSET',g,'version',b[3],'told',b[3])
local K=table.concat(b,'\\t')
if#K>16384 then K=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ab,K)
end
local function ak(C,g,X,e,d,b)
d=o(d)
redis.call('ZADD',C,d,X..' '..e)
local E=redis.call('ZCARD',C)-10000
if E>0 then
local m=redis.call('ZRANGE',C,E-1,E-1,'WITHSCORES')
redis.call('HSET',g,'floor',m[2])
redis.call('ZREMRANGEBYRANK',C,0,E-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..d,e,X
end
local i=(#KEYS-6)/2
local h={o(r)}
if i==0 then
A(KEYS[5])
return h
end
local l=af(KEYS[2],'backend:',7,6+i)
local U=redis.call('HMGET',KEYS[2],unpack(l))
local R=redis.call('HMGET',KEYS[6],unpack(l))
local D=redis.call('MGET',unpack(KEYS,7))
local H=redis.call('ZMSCORE',KEYS[1],unpack(l))
local ai=redis.call('ZMSCORE',KEYS[3],unpack(l))
local Q,b=ad(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local d=Q
local k,q,s,f,u,w={},{},{},{},{},{}
local L=false
for a=1,i do
local e,p=l[a],6*a-2
local B,M,G,P=ARGV[p],ARGV[p+1],ARGV[p+2],ARGV[p+3]
local V=tonumber(G)
local z,Z,n,t,F,N
if R[a]then z,Z,n,t,F,N=string.match(R[a],'^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')end
local aa=U[a]and F and F==D[i+a]
local c='present'
if z==ARGV[3]then
c=Z
elseif V<=r then
c='expired'
elseif not U[a]then
if N==B and redis.call('ZSCORE',KEYS[4],'unregistered '..e)then
c='unregistered'
elseif redis.call('EXISTS',KEYS[6+a],KEYS[6+i+a])>0 then
c='foreign'
else
c='restored'
end
elseif aa and tonumber(n)==tonumber(ai[a])and tonumber(M)>tonumber(t)then
c='updated'
elseif aa and N==B and tonumber(M)>=tonumber(t)then
c=V>tonumber(H[a]or 0)and'renewed'or'unchanged'
end
if z~=ARGV[3]and(c=='restored'or c=='updated')then
d=d+1
n=o(d)
local Y=ARGV[p+4]..n..ARGV[p+5]
k[#k+1],k[#k+2]=KEYS[6+a],Y
s[#s+1],s[#s+2]=n,e
f[#f+1],f[#f+2]=e,B
u[#u+1],u[#u+2]='unregistered '..e,'expired '..e
b[#b+1],b[#b+2],b[#b+3]='+'..G,e,Y
t=M
end
if z~=ARGV[3]and(c=='restored'or c=='updated'or c=='renewed')then
L=L or c=='renewed'
k[#k+1],k[#k+2]=KEYS[6+i+a],P
q[#q+1],q[#q+2]=G,e
w[#w+1],w[#w+2]=e,table.concat({ARGV[3],c,n,t,P,B},' ')
end
h[2*a],h[2*a+1]=c,n or''
end
if#q==0 then return h end
local W=o(r)
local S=L and redis.call('ZCOUNT',KEYS[1],'-inf',W)or 0
if#f>0 then
redis.call('HSET',KEYS[2],unpack(f))
redis.call('ZREM',KEYS[4],unpack(u))
redis.call('ZADD',KEYS[3],unpack(s))
end
redis.call('MSET',unpack(k))
redis.call('ZADD',KEYS[1],unpack(q))
redis.call('HSET',KEYS[6],unpack(w))
redis.call('EXPIRE',KEYS[6],86400)
local O=S>0 and redis.call('ZCOUNT',KEYS[1],'-inf',W)<S
if d>Q then ah(KEYS[5],ARGV[1],d,O and{b[1],b[2],''}or b)
elseif O then redis.call('PUBLISH',ARGV[1],b[1])end
return h`,
  },
  stored: {
    sha: '9f12812efb6ae4fc0fc6c4447d33e881364c3ee1',
    source: `local y=redis.call('TIME')
local r=y[1]*1000000+y[2]
local function o(x)
local v=math.floor(x/1000000)
return string.format('%d%06d',v,x-v*1000000)
end
local function A(g,...)
local j=redis.call('HMGET',g,'schema',...)
if j[1]and j[1]~='1'then error('SCHEMA '..j[1])end
return j
end
A(KEYS[2])
local i=#ARGV
local D=redis.call('MGET',unpack(KEYS,3))
local H=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local h={o(r)}
for a=1,i do
h[3*a-1],h[3*a],h[3*a+1]=D[a]or'',D[i+a]or'',H[a]or''
end
return h`,
  },
};
