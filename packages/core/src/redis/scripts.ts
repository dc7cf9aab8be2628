/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: 'a8b18505115d5ae3b09b1d3f7b5b7beac003e160',
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
local r,c,H,bb=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ak,aw,aC,av=ARGV[2],ARGV[3],0,ARGV[5]
if r~=ARGV[1]or tonumber(aw)<tonumber(bb)or tonumber(aw)>tonumber(c)or tonumber(ak)>tonumber(c)then
ak,aw,aC,av='0',c,1,'-inf'
end
local T=j(n)
local s=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local az,aa,aF=s[2]or'',0,{}
if s[2]and tonumber(s[2])<=n then
aa=redis.call('ZCOUNT',KEYS[1],'-inf',T)
az=redis.call('ZRANGEBYSCORE',KEYS[1],'('..T,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if av~='-inf'then av='('..av end
aF=redis.call('ZRANGEBYSCORE',KEYS[1],av,T,'LIMIT',0,ARGV[4])
end
local i={T,r,c,H,aC,aa,az}
local m={}
if aw~=c then m=redis.call('ZRANGEBYSCORE',KEYS[3],'('..aw,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local x={}
local C=0
if ak~=c then
ak='('..ak
if#m==0 and aC==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then C=redis.call('ZCOUNT',KEYS[2],ak,'+inf')end
if C<32 or 2*C<tonumber(ARGV[6])then
C=0
x=redis.call('ZRANGEBYSCORE',KEYS[2],ak,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
i[8]=C>0 and-C or#x/2
for b=1,#x do i[#i+1]=x[b]end
i[#i+1]=#m/2
for b=1,#m do i[#i+1]=m[b]end
for b=1,#aF do i[#i+1]=aF[b]end
return i`,
  },
  cleanup: {
    sha: 'b2dc451449b12286274c92777241c2823423a581',
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
local function ag(e,r,...)
local f=G(e,'epoch','version','told')
for Z,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ah(e,c,a)
a[3]=j(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(ae,a)
local B=#a-1
for Z,aj in ipairs(a)do B=B+#aj end
redis.call('PUBLISH',ae,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(m,e,Q,g,c,a)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,Q
end
local i={'',j(n)}
local c,a=ag(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local S=redis.call('MGET',unpack(KEYS,6))
local ac,k={},{}
for b=0,(#KEYS-5)/2-1 do
local g,aY=ARGV[2+2*b],ARGV[3+2*b]
local W=redis.call('ZSCORE',KEYS[1],g)
local U=S[1+2*b]or''
local aO=W and tonumber(W)<=n
if aY~=''then aO=redis.call('HEXISTS',KEYS[2],g)==1 and U==string.sub(aY,2)end
if aO then
k[#k+1]=g
ac[#ac+1],ac[#ac+2]=KEYS[6+2*b],KEYS[7+2*b]
i[#i+1],i[#i+2]=b,U
end
end
if#k>0 then
redis.call('DEL',unpack(ac))
for Z,g in ipairs(k)do
c=c+1
ar(KEYS[4],KEYS[5],'expired',g,c,a)
end
ah(KEYS[5],c,a)
redis.call('ZREM',KEYS[3],unpack(k))
redis.call('HDEL',KEYS[2],unpack(k))
redis.call('ZREM',KEYS[1],unpack(k))
al(ARGV[1],a)
end
local az=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
i[1]=az[2]or''
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
    sha: '1e62719f4893be5e52645fa24f2f5796a438eacb',
    source: `local ba=redis.call('MGET',unpack(KEYS,2))
local Y=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local i={}
for b=1,#ARGV do i[2*b-1],i[2*b]=Y[b]or'',ba[b]or''end
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
    sha: '1d56393a0625b67e0a3f93559f083c977d6f10a5',
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
local function ao(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ay(u,E,s,f)
local af=ao(u,E)
local k={}
for b=s,f do k[b-s+1]=string.sub(KEYS[b],af)end
return k
end
local r=G(KEYS[3],'epoch')[2]or''
local z,aG=#KEYS-3,#ARGV>2
local T,W=j(n),j(n+ARGV[2])
local ax=string.format('%d.%06d',l[1],l[2])
local aa=redis.call('ZCOUNT',KEYS[1],'-inf',T)
local af,be,ac=ao(KEYS[2],'heartbeat:'),string.sub,KEYS
local aI,aB={},true
local k,ai,V={},{'XX','CH'},{}
for s=3,z+2,100 do
local C=math.min(100,z+3-s)
for b=1,C do
local J=ac[s+b]
local g=be(J,af)
k[b]=g
ai[2*b+1],ai[2*b+2]=W,g
V[2*b-1],V[2*b]=J,ax
end
local A=aG and redis.call('HMGET',KEYS[2],unpack(k,1,C))
local aV=true
if aG then
for b=1,C do
local au=ARGV[s+b-1]
if not A[b]or au~=''and au~=A[b]then aV=false break end
end
end
if aV and redis.call('ZADD',KEYS[1],unpack(ai,1,2*C+2))==C then
redis.call('MSET',unpack(V,1,2*C))
else
A=A or redis.call('HMGET',KEYS[2],unpack(k,1,C))
local ap,aD,q={},{},0
for b=1,C do
local au=aG and ARGV[s+b-1]or''
if not A[b]then
aI[s+b-3],aB=0,false
elseif au~=''and au~=A[b]then
aI[s+b-3],aB=-1,false
else
ap[q+1],ap[q+2]=W,k[b]
aD[q+1],aD[q+2]=ac[s+b],ax
q=q+2
end
end
if q>0 then
redis.call('ZADD',KEYS[1],unpack(ap))
redis.call('MSET',unpack(aD))
end
end
end
if aa>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<aa then redis.call('PUBLISH',ARGV[1],r)end
if aB then return z end
local i={}
for b=1,z do i[b]=aI[b]or 1 end
return i`,
  },
  register: {
    sha: 'f3d595fb3f2a467c7ca9d3829bb780bb7185701f',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ao(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ay(u,E,s,f)
local af=ao(u,E)
local k={}
for b=s,f do k[b-s+1]=string.sub(KEYS[b],af)end
return k
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ag(e,r,...)
local f=G(e,'epoch','version','told')
for Z,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ah(e,c,a)
a[3]=j(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(ae,a)
local B=#a-1
for Z,aj in ipairs(a)do B=B+#aj end
redis.call('PUBLISH',ae,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(m,e,Q,g,c,a)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,Q
end
local aM='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aL(I)
local D,M,N,O,P,L,q,aJ,w=string.match(I,aM)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=q,registered=aJ,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function aA(d,X)
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
local k=ay(KEYS[2],'backend:',6,5+z)
local A=redis.call('HMGET',KEYS[2],unpack(k))
local U=redis.call('MGET',unpack(KEYS,6,5+z))
local aE,a=ag(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=aE
local ax=string.format('%d.%06d',l[1],l[2])
local aT=j(math.floor(n/1000))
local bd='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,ai,Y,u,at,i,aU={},{},{},{},{},{},{}
local ap,aH,W,aW=false,nil,nil,nil
local ad,V,x=0,0,0
local an={}
for b=1,z do
if not U[b]then an[#an+1]=KEYS[5+b]end
if not A[b]then an[#an+1]=KEYS[5+z+b]end
end
local bf=#an>0 and redis.call('EXISTS',unpack(an))>0
local function aQ(J)
local E=bf and redis.call('TYPE',J).ok or'none'
return E~='none'and E~='string'
end
for b=1,z do
local g,am=k[b],5*b-2
local D,ab,X,as=ARGV[am],ARGV[am+1],ARGV[am+3],ARGV[am+4]
if ARGV[am+2]~=aH then
aH=ARGV[am+2]
W=j(n+aH)
aW='+'..W
end
local f=aU[g]
aU[g]=b
local v,K=A[b],U[b]
if f then v,K=A[f],U[f]end
local aP,aX,w
if v and K and string.find(K,D,1,true)==1 then
aP,aX,w=string.match(K,bd,#D+1)
if w and string.find(K,v,w,true)~=w then w=nil end
end
local aS=string.byte(ab)
ab=string.sub(ab,2)
local aq,F,q
if v and aS==33 then
aq,F='known',''
elseif not f and(not K and aQ(KEYS[5+b])or not v and aQ(KEYS[5+z+b]))then
aq,F='foreign',''
elseif w and(aS~=61 or ab==v)then
local bc=#K-w+1==#v+#as and string.find(K,as,w+#v,true)
local d=X~=''and aL(K)
if d and aA(d,X)or not bc then
c=c+1
aq,q='updated',j(c)
if d then F=I(D,d,q,v..as)
else F=string.sub(K,1,aP-1)..',"version":'..q..string.sub(K,aX,w-1)..v..as end
else
aq,F,ap='renewed',K,true
end
else
aq=w and'replaced'or'registered'
v=ab
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aT}
if X~=''then
aA(d,X)
if string.find(X,'%d')then d.at=aT end
end
c=c+1
q=j(c)
F=I(D,d,q,v..as)
u[#u+1],u[#u+2]=g,v
at[#at+1],at[#at+2]='unregistered '..g,'expired '..g
end
if q then
S[ad+1],S[ad+2]=KEYS[5+b],F
Y[2*x+1],Y[2*x+2]=q,g
a[3*x+4],a[3*x+5],a[3*x+6]=aW,g,F
ad,x=ad+2,x+1
end
if F~=''then
S[ad+1],S[ad+2]=KEYS[5+z+b],ax
ai[2*V+1],ai[2*V+2]=W,g
ad,V=ad+2,V+1
U[b]=F
end
A[b]=v
i[2*b-1],i[2*b]=aq,F
end
local T=j(n)
local aa=ap and redis.call('ZCOUNT',KEYS[1],'-inf',T)or 0
if c>aE then
ah(KEYS[5],c,a)
redis.call('ZADD',KEYS[3],unpack(Y))
end
if V>0 then
redis.call('ZADD',KEYS[1],unpack(ai))
redis.call('MSET',unpack(S))
end
if#u>0 then
redis.call('ZREM',KEYS[4],unpack(at))
redis.call('HSET',KEYS[2],unpack(u))
end
local aN=aa>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<aa
if c>aE then al(ARGV[1],aN and{a[1],a[2],a[3]}or a)
elseif aN then redis.call('PUBLISH',ARGV[1],a[1])end
return i`,
  },
  unregister: {
    sha: 'b32bbbc4c39a9846ee50e610bfad65e9e73a7b44',
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
local function ag(e,r,...)
local f=G(e,'epoch','version','told')
for Z,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ah(e,c,a)
a[3]=j(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(ae,a)
local B=#a-1
for Z,aj in ipairs(a)do B=B+#aj end
redis.call('PUBLISH',ae,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(m,e,Q,g,c,a)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,Q
end
local c,a=ag(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local A=redis.call('HGET',KEYS[4],ARGV[2])
if not A and not redis.call('ZSCORE',KEYS[3],ARGV[2])and not redis.call('ZSCORE',KEYS[5],ARGV[2])then return 0 end
if ARGV[3]~=''and ARGV[3]~=A then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
ar(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,a)
ah(KEYS[7],c,a)
redis.call('ZREM',KEYS[5],ARGV[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
al(ARGV[1],a)
return 1`,
  },
  update: {
    sha: '7037892a208cb2e63699e3947dbd2c92e7138288',
    source: `local l=redis.call('TIME')
local n=l[1]*1000000+l[2]
local function j(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ao(u,E)return#u-#'registry:incarnations'+#E+1 end
local function ay(u,E,s,f)
local af=ao(u,E)
local k={}
for b=s,f do k[b-s+1]=string.sub(KEYS[b],af)end
return k
end
local function G(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ag(e,r,...)
local f=G(e,'epoch','version','told')
for Z,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and r~=''then redis.call('HSET',e,'schema','1','epoch',r,'floor','0')end
return math.max(tonumber(f[3])or 0,n-1),{f[2]or r,f[4]or'0',''}
end
local function ah(e,c,a)
a[3]=j(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(ae,a)
local B=#a-1
for Z,aj in ipairs(a)do B=B+#aj end
redis.call('PUBLISH',ae,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(m,e,Q,g,c,a)
c=j(c)
redis.call('ZADD',m,c,Q..' '..g)
local t=redis.call('ZCARD',m)-10000
if t>0 then
local f=redis.call('ZRANGE',m,t-1,t-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',m,0,t-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,Q
end
local aM='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aL(I)
local D,M,N,O,P,L,q,aJ,w=string.match(I,aM)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=q,registered=aJ,
rest=string.sub(I,w)}
end
local function I(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function aA(d,X)
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
local c,a=ag(KEYS[3],'',KEYS[2])
local k=ay(KEYS[1],'backend:',4,3+z)
local A=redis.call('HMGET',KEYS[1],unpack(k))
local U=redis.call('MGET',unpack(KEYS,4,3+z))
local i,aK,x={},{},{}
for b=1,z do
local g,ab,v=k[b],ARGV[2*b],A[b]
local y=aK[g]
if not y then
y=v and U[b]and aL(U[b])
if y then
y.key=KEYS[3+b]
aK[g]=y
end
end
if not v then
i[b]=-1
elseif ab~=''and ab~=v then
i[b]=-2
elseif not y then
i[b]=-1
else
local aZ,H=aA(y,ARGV[2*b+1])
i[b]=aZ and 1 or 0
y.told=y.told or H
if aZ and not y.changed then
y.changed=true
x[#x+1]=g
end
end
end
if#x>0 then
local S,Y={},{}
for b,g in ipairs(x)do
local y=aK[g]
c=c+1
local q=j(c)
local F=I(y.address,y,q,y.rest)
S[2*b-1],S[2*b]=y.key,F
Y[2*b-1],Y[2*b]=q,g
if y.told then a[#a+1],a[#a+2],a[#a+3]='=',g,F end
end
local aR=#a>3
if aR then ah(KEYS[3],c,a)
else redis.call('HSET',KEYS[3],'version',j(c))end
redis.call('ZADD',KEYS[2],unpack(Y))
redis.call('MSET',unpack(S))
if aR then al(ARGV[1],a)end
end
return i`,
  },
};
