/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '4579f0dc9e137ccb11c105a0367fbcaf3f27873e',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local e=G(KEYS[4],'epoch','version','told','floor')
local r,c,H,ba=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ai,au,aB,at=ARGV[2],ARGV[3],0,ARGV[5]
if r~=ARGV[1]or tonumber(au)<tonumber(ba)or tonumber(au)>tonumber(c)or tonumber(ai)>tonumber(c)then
ai,au,aB,at='0',c,1,'-inf'
end
local T=j(n)
local s=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local ay,Z,aE=s[2]or'',0,{}
if s[2]and tonumber(s[2])<=n then
Z=redis.call('ZCOUNT',KEYS[1],'-inf',T)
ay=redis.call('ZRANGEBYSCORE',KEYS[1],'('..T,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if at~='-inf'then at='('..at end
aE=redis.call('ZRANGEBYSCORE',KEYS[1],at,T,'LIMIT',0,ARGV[4])
end
local i={T,r,c,H,aB,Z,ay}
local m={}
if au~=c then m=redis.call('ZRANGEBYSCORE',KEYS[3],'('..au,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local x={}
local B=0
if ai~=c then
ai='('..ai
if#m==0 and aB==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then B=redis.call('ZCOUNT',KEYS[2],ai,'+inf')end
if B<32 or 2*B<tonumber(ARGV[6])then
B=0
x=redis.call('ZRANGEBYSCORE',KEYS[2],ai,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
i[8]=B>0 and-B or#x/2
for a=1,#x do i[#i+1]=x[a]end
i[#i+1]=#m/2
for a=1,#m do i[#i+1]=m[a]end
for a=1,#aE do i[#i+1]=aE[a]end
return i`,
  },
  cleanup: {
    sha: 'de26a2dfcdcb20c1a589c71c610a418d7172a15d',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function af(e,r,...)
local f=G(e,'epoch','version','told')
for av,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ag(e,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
end
local function aj(ad,b)
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ad,C)
end
local function ap(m,e,Q,g,c,b)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,g,Q
end
local i={'',j(n)}
local c,b=af(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local S=redis.call('MGET',unpack(KEYS,6))
local ab,k={},{}
for a=0,(#KEYS-5)/2-1 do
local g,aX=ARGV[2+2*a],ARGV[3+2*a]
local W=redis.call('ZSCORE',KEYS[1],g)
local U=S[1+2*a]or''
local aN=W and tonumber(W)<=n
if aX~=''then aN=redis.call('HEXISTS',KEYS[2],g)==1 and U==string.sub(aX,2)end
if aN then
k[#k+1]=g
ab[#ab+1],ab[#ab+2]=KEYS[6+2*a],KEYS[7+2*a]
i[#i+1],i[#i+2]=a,U
end
end
if#k>0 then
redis.call('DEL',unpack(ab))
for av,g in ipairs(k)do
c=c+1
ap(KEYS[4],KEYS[5],'expired',g,c,b)
end
ag(KEYS[5],c,b)
redis.call('ZREM',KEYS[3],unpack(k))
redis.call('HDEL',KEYS[2],unpack(k))
redis.call('ZREM',KEYS[1],unpack(k))
aj(ARGV[1],b)
end
local ay=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
i[1]=ay[2]or''
return i`,
  },
  detail: {
    sha: 'a5b31bcec23912097968697ae7d8953e28c09592',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
G(KEYS[4])
return{j(n),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: 'dfb1ebe6f1d1b3109a3e7dde3db5e7704e15e7cb',
    source: `local aZ=redis.call('MGET',unpack(KEYS,2))
local Y=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={}
for a=1,#ARGV do i[2*a-1],i[2*a]=Y[a]or'',aZ[a]or''end
return i`,
  },
  expired: {
    sha: '9e37dda62794b4b8a2ced4fbc345417a39725731',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',j(n),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: '0d72ab4e03d5d332116e93e5cfff43f7677f915a',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function am(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ax(u,E,s,f)
local ae=am(u,E)
local k={}
for a=s,f do k[a-s+1]=string.sub(KEYS[a],ae)end
return k
end
local r=G(KEYS[3],'epoch')[2]or''
local z,aF=#KEYS-3,#ARGV>2
local T,W=j(n),j(n+ARGV[2])
local aw=string.format('%d.%06d',l[1],l[2])
local Z=redis.call('ZCOUNT',KEYS[1],'-inf',T)
local ae,bd,ab=am(KEYS[2],'heartbeat:'),string.sub,KEYS
local aH,aA={},true
local k,ah,V={},{'XX','CH'},{}
for s=3,z+2,100 do
local B=math.min(100,z+3-s)
for a=1,B do
local J=ab[s+a]
local g=bd(J,ae)
k[a]=g
ah[2*a+1],ah[2*a+2]=W,g
V[2*a-1],V[2*a]=J,aw
end
local A=aF and redis.call('HMGET',KEYS[2],unpack(k,1,B))
local aU=true
if aF then
for a=1,B do
local as=ARGV[s+a-1]
if not A[a]or as~=''and as~=A[a]then aU=false break end
end
end
if aU and redis.call('ZADD',KEYS[1],unpack(ah,1,2*B+2))==B then
redis.call('MSET',unpack(V,1,2*B))
else
A=A or redis.call('HMGET',KEYS[2],unpack(k,1,B))
local an,aC,q={},{},0
for a=1,B do
local as=aF and ARGV[s+a-1]or''
if not A[a]then
aH[s+a-3],aA=0,false
elseif as~=''and as~=A[a]then
aH[s+a-3],aA=-1,false
else
an[q+1],an[q+2]=W,k[a]
aC[q+1],aC[q+2]=ab[s+a],aw
q=q+2
end
end
if q>0 then
redis.call('ZADD',KEYS[1],unpack(an))
redis.call('MSET',unpack(aC))
end
end
end
if Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Z then redis.call('PUBLISH',ARGV[1],r)end
if aA then return z end
local i={}
for a=1,z do i[a]=aH[a]or 1 end
return i`,
  },
  register: {
    sha: '0c0dfc7924318467fe4ebdad1a2ccc1a6466b973',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function am(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ax(u,E,s,f)
local ae=am(u,E)
local k={}
for a=s,f do k[a-s+1]=string.sub(KEYS[a],ae)end
return k
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function af(e,r,...)
local f=G(e,'epoch','version','told')
for av,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ag(e,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
end
local function aj(ad,b)
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ad,C)
end
local function ap(m,e,Q,g,c,b)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,g,Q
end
local aL='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aK(I)
local D,M,N,O,P,L,q,aI,w=string.match(I,aL)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=q,registered=aI,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function az(d,X)
local M,L,N,O,P=string.match(X,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local H,R=false,false
if M~=''and M~=d.health then d.health,H=M,true end
if L~=''and L~=d.draining then d.draining,H=L,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(n/1000))end
return H or R,H
end
local z=(#KEYS-5)/2
local k=ax(KEYS[2],'backend:',6,5+z)
local A=redis.call('HMGET',KEYS[2],unpack(k))
local U=redis.call('MGET',unpack(KEYS,6,5+z))
local aD,b=af(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=aD
local aw=string.format('%d.%06d',l[1],l[2])
local aS=j(math.floor(n/1000))
local bc='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,ah,Y,u,ar,i,aT={},{},{},{},{},{},{}
local an,aG,W,aV=false,nil,nil,nil
local ac,V,x=0,0,0
local al={}
for a=1,z do
if not U[a]then al[#al+1]=KEYS[5+a]end
if not A[a]then al[#al+1]=KEYS[5+z+a]end
end
local be=#al>0 and redis.call('EXISTS',unpack(al))>0
local function aP(J)
local E=be and redis.call('TYPE',J).ok or'none'
return E~='none'and E~='string'
end
for a=1,z do
local g,ak=k[a],5*a-2
local D,aa,X,aq=ARGV[ak],ARGV[ak+1],ARGV[ak+3],ARGV[ak+4]
if ARGV[ak+2]~=aG then
aG=ARGV[ak+2]
W=j(n+aG)
aV='+'..W
end
local f=aT[g]
aT[g]=a
local v,K=A[a],U[a]
if f then v,K=A[f],U[f]end
local aO,aW,w
if v and K and string.find(K,D,1,true)==1 then
aO,aW,w=string.match(K,bc,#D+1)
if w and string.find(K,v,w,true)~=w then w=nil end
end
local aR=string.byte(aa)
aa=string.sub(aa,2)
local ao,F,q
if v and aR==33 then
ao,F='known',''
elseif not f and(not K and aP(KEYS[5+a])or not v and aP(KEYS[5+z+a]))then
ao,F='foreign',''
elseif w and(aR~=61 or aa==v)then
local bb=#K-w+1==#v+#aq and string.find(K,aq,w+#v,true)
local d=X~=''and aK(K)
if d and az(d,X)or not bb then
c=c+1
ao,q='updated',j(c)
if d then F=I(D,d,q,v..aq)
else F=string.sub(K,1,aO-1)..',"version":'..q..string.sub(K,aW,w-1)..v..aq end
else
ao,F,an='renewed',K,true
end
else
ao=w and'replaced'or'registered'
v=aa
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aS}
if X~=''then
az(d,X)
if string.find(X,'%d')then d.at=aS end
end
c=c+1
q=j(c)
F=I(D,d,q,v..aq)
u[#u+1],u[#u+2]=g,v
ar[#ar+1],ar[#ar+2]='unregistered '..g,'expired '..g
end
if q then
S[ac+1],S[ac+2]=KEYS[5+a],F
Y[2*x+1],Y[2*x+2]=q,g
b[3*x+4],b[3*x+5],b[3*x+6]=aV,g,F
ac,x=ac+2,x+1
end
if F~=''then
S[ac+1],S[ac+2]=KEYS[5+z+a],aw
ah[2*V+1],ah[2*V+2]=W,g
ac,V=ac+2,V+1
U[a]=F
end
A[a]=v
i[2*a-1],i[2*a]=ao,F
end
local T=j(n)
local Z=an and redis.call('ZCOUNT',KEYS[1],'-inf',T)or 0
if c>aD then
ag(KEYS[5],c,b)
redis.call('ZADD',KEYS[3],unpack(Y))
end
if V>0 then
redis.call('ZADD',KEYS[1],unpack(ah))
redis.call('MSET',unpack(S))
end
if#u>0 then
redis.call('ZREM',KEYS[4],unpack(ar))
redis.call('HSET',KEYS[2],unpack(u))
end
local aM=Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<Z
if c>aD then aj(ARGV[1],aM and{b[1],b[2],b[3]}or b)
elseif aM then redis.call('PUBLISH',ARGV[1],b[1])end
return i`,
  },
  unregister: {
    sha: 'e8183d737e1e0d2d492c0fc5014844d39ae5b0ef',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function af(e,r,...)
local f=G(e,'epoch','version','told')
for av,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ag(e,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
end
local function aj(ad,b)
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ad,C)
end
local function ap(m,e,Q,g,c,b)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,g,Q
end
local c,b=af(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local A=redis.call('HGET',KEYS[4],ARGV[2])
if not A and not redis.call('ZSCORE',KEYS[3],ARGV[2])and not redis.call('ZSCORE',KEYS[5],ARGV[2])then return 0 end
if ARGV[3]~=''and ARGV[3]~=A then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
ap(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,b)
ag(KEYS[7],c,b)
redis.call('ZREM',KEYS[5],ARGV[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
aj(ARGV[1],b)
return 1`,
  },
  update: {
    sha: '2570f1a9d5fe9e2c75c1adcb5956a17a2a0dacbc',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function am(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ax(u,E,s,f)
local ae=am(u,E)
local k={}
for a=s,f do k[a-s+1]=string.sub(KEYS[a],ae)end
return k
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function af(e,r,...)
local f=G(e,'epoch','version','told')
for av,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ag(e,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
end
local function aj(ad,b)
local C=table.concat(b,'\\t')
if#C>16384 then C=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',ad,C)
end
local function ap(m,e,Q,g,c,b)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
b[#b+1],b[#b+2],b[#b+3]='-'..c,g,Q
end
local aL='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aK(I)
local D,M,N,O,P,L,q,aI,w=string.match(I,aL)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=q,registered=aI,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function az(d,X)
local M,L,N,O,P=string.match(X,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local H,R=false,false
if M~=''and M~=d.health then d.health,H=M,true end
if L~=''and L~=d.draining then d.draining,H=L,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(n/1000))end
return H or R,H
end
local z=#KEYS-3
local c,b=af(KEYS[3],'',KEYS[2])
local k=ax(KEYS[1],'backend:',4,3+z)
local A=redis.call('HMGET',KEYS[1],unpack(k))
local U=redis.call('MGET',unpack(KEYS,4,3+z))
local i,aJ,x={},{},{}
for a=1,z do
local g,aa,v=k[a],ARGV[2*a],A[a]
local y=aJ[g]
if not y then
y=v and U[a]and aK(U[a])
if y then
y.key=KEYS[3+a]
aJ[g]=y
end
end
if not v then
i[a]=-1
elseif aa~=''and aa~=v then
i[a]=-2
elseif not y then
i[a]=-1
else
local aY,H=az(y,ARGV[2*a+1])
i[a]=aY and 1 or 0
y.told=y.told or H
if aY and not y.changed then
y.changed=true
x[#x+1]=g
end
end
end
if#x>0 then
local S,Y={},{}
for a,g in ipairs(x)do
local y=aJ[g]
c=c+1
local q=j(c)
local F=I(y.address,y,q,y.rest)
S[2*a-1],S[2*a]=y.key,F
Y[2*a-1],Y[2*a]=q,g
if y.told then b[#b+1],b[#b+2],b[#b+3]='=',g,F end
end
local aQ=#b>3
if aQ then ag(KEYS[3],c,b)
else redis.call('HSET',KEYS[3],'version',j(c))end
redis.call('ZADD',KEYS[2],unpack(Y))
redis.call('MSET',unpack(S))
if aQ then aj(ARGV[1],b)end
end
return i`,
  },
};
