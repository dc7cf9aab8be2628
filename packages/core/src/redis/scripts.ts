/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '9e0d33fc760504675cd888f32c249cb28cab12dc',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local e=G(KEYS[4],'epoch','version','told','floor')
local q,c,H,aZ=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ag,at,aA,as=ARGV[2],ARGV[3],0,ARGV[5]
if q~=ARGV[1]or tonumber(at)<tonumber(aZ)or tonumber(at)>tonumber(c)or tonumber(ag)>tonumber(c)then
ag,at,aA,as='0',c,1,'-inf'
end
local T=j(m)
local r=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local aw,Z,aC=r[2]or'',0,{}
if r[2]and tonumber(r[2])<=m then
Z=redis.call('ZCOUNT',KEYS[1],'-inf',T)
aw=redis.call('ZRANGEBYSCORE',KEYS[1],'('..T,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if as~='-inf'then as='('..as end
aC=redis.call('ZRANGEBYSCORE',KEYS[1],as,T,'LIMIT',0,ARGV[4])
end
local i={T,q,c,H,aA,Z,aw}
local l={}
if at~=c then l=redis.call('ZRANGEBYSCORE',KEYS[3],'('..at,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local x={}
local B=0
if ag~=c then
ag='('..ag
if#l==0 and aA==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then B=redis.call('ZCOUNT',KEYS[2],ag,'+inf')end
if B<32 or 2*B<tonumber(ARGV[6])then
B=0
x=redis.call('ZRANGEBYSCORE',KEYS[2],ag,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
i[8]=B>0 and-B or#x/2
for a=1,#x do i[#i+1]=x[a]end
i[#i+1]=#l/2
for a=1,#l do i[#i+1]=l[a]end
for a=1,#aC do i[#i+1]=aC[a]end
return i`,
  },
  cleanup: {
    sha: 'ea35c9b4ed5e1d7ebec5dee652b2f77914ae9a40',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ae(e,q,...)
local g=G(e,'epoch','version','told')
for ay,J in ipairs({...})do redis.call('ZCARD',J)end
if not g[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(g[3])or 0,m-1),{g[2]or q,g[4]or'0',''}
end
local function ah(e,ac,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ac,C)
end
local function ao(l,e,Q,f,c,b)
c=j(c)
redis.call('ZADD',l,c,Q..' '..f)
local t=redis.call('ZCARD',l)-10000
if t>0 then
local g=redis.call('ZRANGE',l,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',g[2])
redis.call('ZREMRANGEBYRANK',l,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,f,Q
end
local i={'',j(m)}
local aj,b=ae(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local c=aj
local S=redis.call('MGET',unpack(KEYS,6))
for a=0,(#KEYS-5)/2-1 do
local aX,ba,f,aV=KEYS[6+2*a],KEYS[7+2*a],ARGV[2+2*a],ARGV[3+2*a]
local W=redis.call('ZSCORE',KEYS[1],f)
local U=S[1+2*a]or''
local aL=W and tonumber(W)<=m
if aV~=''then aL=redis.call('HEXISTS',KEYS[2],f)==1 and U==string.sub(aV,2)end
if aL then
c=c+1
redis.call('DEL',aX,ba)
redis.call('ZREM',KEYS[1],f)
redis.call('HDEL',KEYS[2],f)
redis.call('ZREM',KEYS[3],f)
ao(KEYS[4],KEYS[5],'expired',f,c,b)
i[#i+1]=a
i[#i+1]=U
end
end
if c>aj then ah(KEYS[5],ARGV[1],c,b)end
local aw=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
i[1]=aw[2]or''
return i`,
  },
  detail: {
    sha: '9b526dae501cbf501065c24d1187844210faa007',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
G(KEYS[4])
return{j(m),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: 'a392e11444a39ed4c435488d2890b03694094865',
    source: `local aY=redis.call('MGET',unpack(KEYS,2))
local Y=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={}
for a=1,#ARGV do i[2*a-1],i[2*a]=Y[a]or'',aY[a]or''end
return i`,
  },
  expired: {
    sha: '2fa15a1823274cf3ff1061ec2a232f28da6096e2',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',j(m),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: 'd2ae33c14cfac438c685cca14f8012b7c78fc400',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function al(u,E)return#u-#'registry:incarnations'+#E+1 end
local function av(u,E,r,g)
local ad=al(u,E)
local s={}
for a=r,g do s[a-r+1]=string.sub(KEYS[a],ad)end
return s
end
local q=G(KEYS[3],'epoch')[2]or''
local z,aD=#KEYS-3,#ARGV>2
local T,W=j(m),j(m+ARGV[2])
local au=string.format('%d.%06d',k[1],k[2])
local Z=redis.call('ZCOUNT',KEYS[1],'-inf',T)
local ad,bd,aO=al(KEYS[2],'heartbeat:'),string.sub,KEYS
local aF,az={},true
local s,af,V={},{'XX','CH'},{}
for r=3,z+2,100 do
local B=math.min(100,z+3-r)
for a=1,B do
local J=aO[r+a]
local f=bd(J,ad)
s[a]=f
af[2*a+1],af[2*a+2]=W,f
V[2*a-1],V[2*a]=J,au
end
local A=aD and redis.call('HMGET',KEYS[2],unpack(s,1,B))
local aS=true
if aD then
for a=1,B do
local ar=ARGV[r+a-1]
if not A[a]or ar~=''and ar~=A[a]then aS=false break end
end
end
if aS and redis.call('ZADD',KEYS[1],unpack(af,1,2*B+2))==B then
redis.call('MSET',unpack(V,1,2*B))
else
A=A or redis.call('HMGET',KEYS[2],unpack(s,1,B))
local am,aB,p={},{},0
for a=1,B do
local ar=aD and ARGV[r+a-1]or''
if not A[a]then
aF[r+a-3],az=0,false
elseif ar~=''and ar~=A[a]then
aF[r+a-3],az=-1,false
else
am[p+1],am[p+2]=W,s[a]
aB[p+1],aB[p+2]=aO[r+a],au
p=p+2
end
end
if p>0 then
redis.call('ZADD',KEYS[1],unpack(am))
redis.call('MSET',unpack(aB))
end
end
end
if Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Z then redis.call('PUBLISH',ARGV[1],q)end
if az then return z end
local i={}
for a=1,z do i[a]=aF[a]or 1 end
return i`,
  },
  register: {
    sha: 'dc7fa3dc04b5e6d440d39b27af76458c741a8330',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function al(u,E)return#u-#'registry:incarnations'+#E+1 end
local function av(u,E,r,g)
local ad=al(u,E)
local s={}
for a=r,g do s[a-r+1]=string.sub(KEYS[a],ad)end
return s
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ae(e,q,...)
local g=G(e,'epoch','version','told')
for ay,J in ipairs({...})do redis.call('ZCARD',J)end
if not g[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(g[3])or 0,m-1),{g[2]or q,g[4]or'0',''}
end
local function ah(e,ac,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ac,C)
end
local function ao(l,e,Q,f,c,b)
c=j(c)
redis.call('ZADD',l,c,Q..' '..f)
local t=redis.call('ZCARD',l)-10000
if t>0 then
local g=redis.call('ZRANGE',l,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',g[2])
redis.call('ZREMRANGEBYRANK',l,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,f,Q
end
local aJ='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aI(I)
local D,M,N,O,P,L,p,aG,w=string.match(I,aJ)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=p,registered=aG,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function ax(d,X)
local M,L,N,O,P=string.match(X,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local H,R=false,false
if M~=''and M~=d.health then d.health,H=M,true end
if L~=''and L~=d.draining then d.draining,H=L,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(m/1000))end
return H or R,H
end
local z=(#KEYS-5)/2
local s=av(KEYS[2],'backend:',6,5+z)
local A=redis.call('HMGET',KEYS[2],unpack(s))
local U=redis.call('MGET',unpack(KEYS,6,5+z))
local aj,b=ae(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=aj
local au=string.format('%d.%06d',k[1],k[2])
local aQ=j(math.floor(m/1000))
local bc='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,af,Y,u,aq,i,aR={},{},{},{},{},{},{}
local am,aE,W,aT=false,nil,nil,nil
local ab,V,x=0,0,0
local ak={}
for a=1,z do
if not U[a]then ak[#ak+1]=KEYS[5+a]end
if not A[a]then ak[#ak+1]=KEYS[5+z+a]end
end
local be=#ak>0 and redis.call('EXISTS',unpack(ak))>0
local function aN(J)
local E=be and redis.call('TYPE',J).ok or'none'
return E~='none'and E~='string'
end
for a=1,z do
local f,ai=s[a],5*a-2
local D,aa,X,ap=ARGV[ai],ARGV[ai+1],ARGV[ai+3],ARGV[ai+4]
if ARGV[ai+2]~=aE then
aE=ARGV[ai+2]
W=j(m+aE)
aT='+'..W
end
local g=aR[f]
aR[f]=a
local v,K=A[a],U[a]
if g then v,K=A[g],U[g]end
local aM,aU,w
if v and K and string.find(K,D,1,true)==1 then
aM,aU,w=string.match(K,bc,#D+1)
if w and string.find(K,v,w,true)~=w then w=nil end
end
local aP=string.byte(aa)
aa=string.sub(aa,2)
local an,F,p
if v and aP==33 then
an,F='known',''
elseif not g and(not K and aN(KEYS[5+a])or not v and aN(KEYS[5+z+a]))then
an,F='foreign',''
elseif w and(aP~=61 or aa==v)then
local bb=#K-w+1==#v+#ap and string.find(K,ap,w+#v,true)
local d=X~=''and aI(K)
if d and ax(d,X)or not bb then
c=c+1
an,p='updated',j(c)
if d then F=I(D,d,p,v..ap)
else F=string.sub(K,1,aM-1)..',"version":'..p..string.sub(K,aU,w-1)..v..ap end
else
an,F,am='renewed',K,true
end
else
an=w and'replaced'or'registered'
v=aa
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aQ}
if X~=''then
ax(d,X)
if string.find(X,'%d')then d.at=aQ end
end
c=c+1
p=j(c)
F=I(D,d,p,v..ap)
u[#u+1],u[#u+2]=f,v
aq[#aq+1],aq[#aq+2]='unregistered '..f,'expired '..f
end
if p then
S[ab+1],S[ab+2]=KEYS[5+a],F
Y[2*x+1],Y[2*x+2]=p,f
b[3*x+4],b[3*x+5],b[3*x+6]=aT,f,F
ab,x=ab+2,x+1
end
if F~=''then
S[ab+1],S[ab+2]=KEYS[5+z+a],au
af[2*V+1],af[2*V+2]=W,f
ab,V=ab+2,V+1
U[a]=F
end
A[a]=v
i[2*a-1],i[2*a]=an,F
end
local T=j(m)
local Z=am and redis.call('ZCOUNT',KEYS[1],'-inf',T)or 0
if#u>0 then
redis.call('HSET',KEYS[2],unpack(u))
redis.call('ZREM',KEYS[4],unpack(aq))
end
if V>0 then
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[1],unpack(af))
end
if c>aj then redis.call('ZADD',KEYS[3],unpack(Y))end
local aK=Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Z
if c>aj then ah(KEYS[5],ARGV[1],c,aK and{b[1],b[2],''}or b)
elseif aK then redis.call('PUBLISH',ARGV[1],b[1])end
return i`,
  },
  unregister: {
    sha: 'c43e3c7e52941ef0f5c3eb66b19ba8e7290d62f5',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ae(e,q,...)
local g=G(e,'epoch','version','told')
for ay,J in ipairs({...})do redis.call('ZCARD',J)end
if not g[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(g[3])or 0,m-1),{g[2]or q,g[4]or'0',''}
end
local function ah(e,ac,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ac,C)
end
local function ao(l,e,Q,f,c,b)
c=j(c)
redis.call('ZADD',l,c,Q..' '..f)
local t=redis.call('ZCARD',l)-10000
if t>0 then
local g=redis.call('ZRANGE',l,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',g[2])
redis.call('ZREMRANGEBYRANK',l,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,f,Q
end
local c,b=ae(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local A=redis.call('HGET',KEYS[4],ARGV[2])
if not A then return 0 end
if ARGV[3]~=''and ARGV[3]~=A then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
redis.call('ZREM',KEYS[5],ARGV[2])
ao(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,b)
ah(KEYS[7],ARGV[1],c,b)
return 1`,
  },
  update: {
    sha: 'b8e45a1319238757e10bfa746fefbbd69a314e70',
    source: `local k=redis.call('TIME')
local m=k[1]*1000000+k[2]
local function j(o)
local n=math.floor(o/1000000)
return string.format('%d%06d',n,o-n*1000000)
end
local function al(u,E)return#u-#'registry:incarnations'+#E+1 end
local function av(u,E,r,g)
local ad=al(u,E)
local s={}
for a=r,g do s[a-r+1]=string.sub(KEYS[a],ad)end
return s
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ae(e,q,...)
local g=G(e,'epoch','version','told')
for ay,J in ipairs({...})do redis.call('ZCARD',J)end
if not g[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(g[3])or 0,m-1),{g[2]or q,g[4]or'0',''}
end
local function ah(e,ac,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ac,C)
end
local function ao(l,e,Q,f,c,b)
c=j(c)
redis.call('ZADD',l,c,Q..' '..f)
local t=redis.call('ZCARD',l)-10000
if t>0 then
local g=redis.call('ZRANGE',l,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',g[2])
redis.call('ZREMRANGEBYRANK',l,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,f,Q
end
local aJ='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aI(I)
local D,M,N,O,P,L,p,aG,w=string.match(I,aJ)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=p,registered=aG,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function ax(d,X)
local M,L,N,O,P=string.match(X,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local H,R=false,false
if M~=''and M~=d.health then d.health,H=M,true end
if L~=''and L~=d.draining then d.draining,H=L,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(m/1000))end
return H or R,H
end
local z=#KEYS-3
local c,b=ae(KEYS[3],'',KEYS[2])
local s=av(KEYS[1],'backend:',4,3+z)
local A=redis.call('HMGET',KEYS[1],unpack(s))
local U=redis.call('MGET',unpack(KEYS,4,3+z))
local i,aH,x={},{},{}
for a=1,z do
local f,aa,v=s[a],ARGV[2*a],A[a]
local y=aH[f]
if not y then
y=v and U[a]and aI(U[a])
if y then
y.key=KEYS[3+a]
aH[f]=y
end
end
if not v then
i[a]=-1
elseif aa~=''and aa~=v then
i[a]=-2
elseif not y then
i[a]=-1
else
local aW,H=ax(y,ARGV[2*a+1])
i[a]=aW and 1 or 0
y.told=y.told or H
if aW and not y.changed then
y.changed=true
x[#x+1]=f
end
end
end
if#x>0 then
local S,Y={},{}
for a,f in ipairs(x)do
local y=aH[f]
c=c+1
local p=j(c)
local F=I(y.address,y,p,y.rest)
S[2*a-1],S[2*a]=y.key,F
Y[2*a-1],Y[2*a]=p,f
if y.told then b[#b+1],b[#b+2],b[#b+3]='=',f,F end
end
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[2],unpack(Y))
if#b>3 then ah(KEYS[3],ARGV[1],c,b)
else redis.call('HSET',KEYS[3],'version',j(c))end
end
return i`,
  },
};
