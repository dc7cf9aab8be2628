/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: 'd6b0ec33c5d7910f9bc4493cf9356796201dd3df',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local e=F(KEYS[4],'epoch','version','told','floor')
local q,c,G,aV=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ae,as,ay,ar=ARGV[2],ARGV[3],0,ARGV[5]
if q~=ARGV[1]or tonumber(as)<tonumber(aV)or tonumber(as)>tonumber(c)or tonumber(ae)>tonumber(c)then
ae,as,ay,ar='0',c,1,'-inf'
end
local T=j(o)
local m=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local au,Y,az=m[2]or'',0,{}
if m[2]and tonumber(m[2])<=o then
Y=redis.call('ZCOUNT',KEYS[1],'-inf',T)
au=redis.call('ZRANGEBYSCORE',KEYS[1],'('..T,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if ar~='-inf'then ar='('..ar end
az=redis.call('ZRANGEBYSCORE',KEYS[1],ar,T,'LIMIT',0,ARGV[4])
end
local g={T,q,c,G,ay,Y,au}
local n={}
if as~=c then n=redis.call('ZRANGEBYSCORE',KEYS[3],'('..as,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local v={}
local al=0
if ae~=c then
ae='('..ae
if#n==0 and ay==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then al=redis.call('ZCOUNT',KEYS[2],ae,'+inf')end
if al<32 or 2*al<tonumber(ARGV[6])then
al=0
v=redis.call('ZRANGEBYSCORE',KEYS[2],ae,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
g[8]=al>0 and-al or#v/2
for a=1,#v do g[#g+1]=v[a]end
g[#g+1]=#n/2
for a=1,#n do g[#g+1]=n[a]end
for a=1,#az do g[#g+1]=az[a]end
return g`,
  },
  cleanup: {
    sha: '81a0bf60a8dfbb19f825905ef224685d43f90e97',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ad(e,q,...)
local f=F(e,'epoch','version','told')
for aw,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function af(e,ab,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local A=table.concat(b,'\\t')
if#A>16384 then A=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ab,A)
end
local function an(n,e,Q,h,c,b)
c=j(c)
redis.call('ZADD',n,c,Q..' '..h)
local s=redis.call('ZCARD',n)-10000
if s>0 then
local f=redis.call('ZRANGE',n,s-1,s-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',n,0,s-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,h,Q
end
local g={'',j(o)}
local ah,b=ad(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local c=ah
local S=redis.call('MGET',unpack(KEYS,6))
for a=0,(#KEYS-5)/2-1 do
local aT,aW,h,aR=KEYS[6+2*a],KEYS[7+2*a],ARGV[2+2*a],ARGV[3+2*a]
local V=redis.call('ZSCORE',KEYS[1],h)
local U=S[1+2*a]or''
local aH=V and tonumber(V)<=o
if aR~=''then aH=redis.call('HEXISTS',KEYS[2],h)==1 and U==string.sub(aR,2)end
if aH then
c=c+1
redis.call('DEL',aT,aW)
redis.call('ZREM',KEYS[1],h)
redis.call('HDEL',KEYS[2],h)
redis.call('ZREM',KEYS[3],h)
an(KEYS[4],KEYS[5],'expired',h,c,b)
g[#g+1]=a
g[#g+1]=U
end
end
if c>ah then af(KEYS[5],ARGV[1],c,b)end
local au=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
g[1]=au[2]or''
return g`,
  },
  detail: {
    sha: '2296399c93717876261bfbcdc47ee07938be488d',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
F(KEYS[4])
return{j(o),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: '5cb515c3c9201f309d2b6c91a6891d4853535fcf',
    source: `local aU=redis.call('MGET',unpack(KEYS,2))
local X=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local g={}
for a=1,#ARGV do g[2*a-1],g[2*a]=X[a]or'',aU[a]or''end
return g`,
  },
  expired: {
    sha: '2f24f2d6a45e0021ffce766916fac89a1847ef58',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',j(o),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: '731c0d8602efbab540c356e2071d0b66e45e02b2',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function aj(t,C)return#t-#'registry:incarnations'+#C+1 end
local function ak(t,C,m,f)
local ac=aj(t,C)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ac)end
return p
end
local q=F(KEYS[3],'epoch')[2]or''
local z,aG=#KEYS-3,#ARGV>2
local T,V=j(o),j(o+ARGV[2])
local at=string.format('%d.%06d',l[1],l[2])
local Y=redis.call('ZCOUNT',KEYS[1],'-inf',T)
local ac,ba,aX=aj(KEYS[2],'heartbeat:'),string.sub,KEYS
local g,ax={},true
for m=4,z+3,100 do
local f=math.min(m+99,z+3)
local M,E,k={'XX','CH'},{},0
for a=m,f do
local I=aX[a]
M[k+3],M[k+4]=V,ba(I,ac)
E[k+1],E[k+2]=I,at
k=k+2
end
local p,w=nil,nil
local aN=true
if aG then
p=ak(KEYS[2],'heartbeat:',m,f)
w=redis.call('HMGET',KEYS[2],unpack(p))
for a=1,#p do
local aq=ARGV[m+a-2]
if not w[a]or aq~=''and aq~=w[a]then aN=false break end
end
end
if aN and redis.call('ZADD',KEYS[1],unpack(M))==f-m+1 then
redis.call('MSET',unpack(E))
for a=m,f do g[a-3]=1 end
else
p=p or ak(KEYS[2],'heartbeat:',m,f)
w=w or redis.call('HMGET',KEYS[2],unpack(p))
M,E,k={},{},0
for a=1,#p do
local aq=aG and ARGV[m+a-2]or''
if not w[a]then
g[m+a-4],ax=0,false
elseif aq~=''and aq~=w[a]then
g[m+a-4],ax=-1,false
else
g[m+a-4]=1
M[k+1],M[k+2]=V,p[a]
E[k+1],E[k+2]=KEYS[m+a-1],at
k=k+2
end
end
if k>0 then
redis.call('ZADD',KEYS[1],unpack(M))
redis.call('MSET',unpack(E))
end
end
end
if Y>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Y then redis.call('PUBLISH',ARGV[1],q)end
if ax then return z end
return g`,
  },
  register: {
    sha: 'f48d1f4f0d899419de3b74abc3f61e6c78598c71',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function aj(t,C)return#t-#'registry:incarnations'+#C+1 end
local function ak(t,C,m,f)
local ac=aj(t,C)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ac)end
return p
end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ad(e,q,...)
local f=F(e,'epoch','version','told')
for aw,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function af(e,ab,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local A=table.concat(b,'\\t')
if#A>16384 then A=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ab,A)
end
local function an(n,e,Q,h,c,b)
c=j(c)
redis.call('ZADD',n,c,Q..' '..h)
local s=redis.call('ZCARD',n)-10000
if s>0 then
local f=redis.call('ZRANGE',n,s-1,s-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',n,0,s-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,h,Q
end
local aE='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aD(H)
local y,L,N,O,P,K,k,aB,u=string.match(H,aE)
if not y then return nil end
return{address=string.sub(H,1,y-1),health=L,draining=K,m1=N,m2=O,m3=P,at=k,registered=aB,
rest=string.sub(H,u)}
end
local function H(y,d,c,u)
return y..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..u
end
local function av(d,W)
local L,K,N,O,P=string.match(W,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,R=false,false
if L~=''and L~=d.health then d.health,G=L,true end
if K~=''and K~=d.draining then d.draining,G=K,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(o/1000))end
return G or R,G
end
local z=(#KEYS-5)/2
local p=ak(KEYS[2],'backend:',6,5+z)
local w=redis.call('HMGET',KEYS[2],unpack(p))
local U=redis.call('MGET',unpack(KEYS,6,5+z))
local ah,b=ad(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=ah
local at=string.format('%d.%06d',l[1],l[2])
local aL=j(math.floor(o/1000))
local aZ='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,M,X,t,ap,g,aM={},{},{},{},{},{},{}
local aO,aA,V,aP=false,nil,nil,nil
local aa,E,v=0,0,0
local ai={}
for a=1,z do
if not U[a]then ai[#ai+1]=KEYS[5+a]end
if not w[a]then ai[#ai+1]=KEYS[5+z+a]end
end
local bb=#ai>0 and redis.call('EXISTS',unpack(ai))>0
local function aJ(I)
local C=bb and redis.call('TYPE',I).ok or'none'
return C~='none'and C~='string'
end
for a=1,z do
local h,ag=p[a],5*a-2
local y,Z,W,ao=ARGV[ag],ARGV[ag+1],ARGV[ag+3],ARGV[ag+4]
if ARGV[ag+2]~=aA then
aA=ARGV[ag+2]
V=j(o+aA)
aP='+'..V
end
local f=aM[h]
aM[h]=a
local r,J=w[a],U[a]
if f then r,J=w[f],U[f]end
local aI,aQ,u
if r and J and string.sub(J,1,#y)==y then
aI,aQ,u=string.match(J,aZ,#y+1)
if u and string.sub(J,u,u+#r-1)~=r then u=nil end
end
local aK=string.byte(Z)
Z=string.sub(Z,2)
local am,D,k
if r and aK==33 then
am,D='known',''
elseif not f and(not J and aJ(KEYS[5+a])or not r and aJ(KEYS[5+z+a]))then
am,D='foreign',''
elseif u and(aK~=61 or Z==r)then
local aY=#J-u+1==#r+#ao and string.sub(J,u+#r)==ao
local d=W~=''and aD(J)
if d and av(d,W)or not aY then
c=c+1
am,k='updated',j(c)
if d then D=H(y,d,k,r..ao)
else D=string.sub(J,1,aI-1)..',"version":'..k..string.sub(J,aQ,u-1)..r..ao end
else
am,D,aO='renewed',J,true
end
else
am=u and'replaced'or'registered'
r=Z
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aL}
if W~=''then
av(d,W)
if string.find(W,'%d')then d.at=aL end
end
c=c+1
k=j(c)
D=H(y,d,k,r..ao)
t[#t+1],t[#t+2]=h,r
ap[#ap+1],ap[#ap+2]='unregistered '..h,'expired '..h
end
if k then
S[aa+1],S[aa+2]=KEYS[5+a],D
X[2*v+1],X[2*v+2]=k,h
b[3*v+4],b[3*v+5],b[3*v+6]=aP,h,D
aa,v=aa+2,v+1
end
if D~=''then
S[aa+1],S[aa+2]=KEYS[5+z+a],at
M[2*E+1],M[2*E+2]=V,h
aa,E=aa+2,E+1
U[a]=D
end
w[a]=r
g[2*a-1],g[2*a]=am,D
end
local T=j(o)
local Y=aO and redis.call('ZCOUNT',KEYS[1],'-inf',T)or 0
if#t>0 then
redis.call('HSET',KEYS[2],unpack(t))
redis.call('ZREM',KEYS[4],unpack(ap))
end
if E>0 then
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[1],unpack(M))
end
if c>ah then redis.call('ZADD',KEYS[3],unpack(X))end
local aF=Y>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Y
if c>ah then af(KEYS[5],ARGV[1],c,aF and{b[1],b[2],''}or b)
elseif aF then redis.call('PUBLISH',ARGV[1],b[1])end
return g`,
  },
  unregister: {
    sha: '4beb2e8cac5dad271a722c90ebf33be30f53d1bb',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ad(e,q,...)
local f=F(e,'epoch','version','told')
for aw,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function af(e,ab,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local A=table.concat(b,'\\t')
if#A>16384 then A=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ab,A)
end
local function an(n,e,Q,h,c,b)
c=j(c)
redis.call('ZADD',n,c,Q..' '..h)
local s=redis.call('ZCARD',n)-10000
if s>0 then
local f=redis.call('ZRANGE',n,s-1,s-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',n,0,s-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,h,Q
end
local c,b=ad(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local w=redis.call('HGET',KEYS[4],ARGV[2])
if not w then return 0 end
if ARGV[3]~=''and ARGV[3]~=w then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
redis.call('ZREM',KEYS[5],ARGV[2])
an(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,b)
af(KEYS[7],ARGV[1],c,b)
return 1`,
  },
  update: {
    sha: '015eb1e25f5dc687289c6dd4470c5ebae39afd3b',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(B)return string.format('%.0f',B)end
local function aj(t,C)return#t-#'registry:incarnations'+#C+1 end
local function ak(t,C,m,f)
local ac=aj(t,C)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ac)end
return p
end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ad(e,q,...)
local f=F(e,'epoch','version','told')
for aw,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function af(e,ab,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local A=table.concat(b,'\\t')
if#A>16384 then A=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ab,A)
end
local function an(n,e,Q,h,c,b)
c=j(c)
redis.call('ZADD',n,c,Q..' '..h)
local s=redis.call('ZCARD',n)-10000
if s>0 then
local f=redis.call('ZRANGE',n,s-1,s-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',n,0,s-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,h,Q
end
local aE='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aD(H)
local y,L,N,O,P,K,k,aB,u=string.match(H,aE)
if not y then return nil end
return{address=string.sub(H,1,y-1),health=L,draining=K,m1=N,m2=O,m3=P,at=k,registered=aB,
rest=string.sub(H,u)}
end
local function H(y,d,c,u)
return y..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..u
end
local function av(d,W)
local L,K,N,O,P=string.match(W,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,R=false,false
if L~=''and L~=d.health then d.health,G=L,true end
if K~=''and K~=d.draining then d.draining,G=K,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(o/1000))end
return G or R,G
end
local z=#KEYS-3
local c,b=ad(KEYS[3],'',KEYS[2])
local p=ak(KEYS[1],'backend:',4,3+z)
local w=redis.call('HMGET',KEYS[1],unpack(p))
local U=redis.call('MGET',unpack(KEYS,4,3+z))
local g,aC,v={},{},{}
for a=1,z do
local h,Z,r=p[a],ARGV[2*a],w[a]
local x=aC[h]
if not x then
x=r and U[a]and aD(U[a])
if x then
x.key=KEYS[3+a]
aC[h]=x
end
end
if not r then
g[a]=-1
elseif Z~=''and Z~=r then
g[a]=-2
elseif not x then
g[a]=-1
else
local aS,G=av(x,ARGV[2*a+1])
g[a]=aS and 1 or 0
x.told=x.told or G
if aS and not x.changed then
x.changed=true
v[#v+1]=h
end
end
end
if#v>0 then
local S,X={},{}
for a,h in ipairs(v)do
local x=aC[h]
c=c+1
local k=j(c)
local D=H(x.address,x,k,x.rest)
S[2*a-1],S[2*a]=x.key,D
X[2*a-1],X[2*a]=k,h
if x.told then b[#b+1],b[#b+2],b[#b+3]='=',h,D end
end
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[2],unpack(X))
if#b>3 then af(KEYS[3],ARGV[1],c,b)
else redis.call('HSET',KEYS[3],'version',j(c))end
end
return g`,
  },
};
