/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '43e19c6419737c141afe2422cb639463101de5ec',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local e=H(KEYS[4],'epoch','version','told','floor')
local s,c,G,bd=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ad,ax,ay,av,u=ARGV[2],ARGV[3],0,ARGV[5],tonumber(ARGV[6])
if s~=ARGV[1]or tonumber(ax)<tonumber(bd)or tonumber(ax)>tonumber(c)or tonumber(ad)>tonumber(c)then
ad,ax,ay,av='0',c,1,'-inf'
end
local Q=i(m)
local t=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local aw,X,aF=t[2]or'',0,{}
if t[2]and tonumber(t[2])<=m then
X=redis.call('ZCOUNT',KEYS[1],'-inf',Q)
aw=redis.call('ZRANGEBYSCORE',KEYS[1],'('..Q,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if av~='-inf'then av='('..av end
aF=redis.call('ZRANGEBYSCORE',KEYS[1],av,Q,'LIMIT',0,ARGV[4])
end
local k,aX={},c
if ax~=c then
k=redis.call('ZRANGEBYSCORE',KEYS[3],'('..ax,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
if#k==2*ARGV[4]then aX=k[#k]end
end
local n,aN,C={},c,0
if ad~=c then
ad='('..ad
if u==0 then
n=redis.call('ZRANGEBYSCORE',KEYS[2],ad,'+inf','LIMIT',0,4*ARGV[4])
if#n==4*ARGV[4]then aN=redis.call('ZSCORE',KEYS[2],n[#n])end
else
if#k==0 and ay==0 and u==redis.call('ZCARD',KEYS[2])then C=redis.call('ZCOUNT',KEYS[2],ad,'+inf')end
if C<32 or 2*C<u then
C=0
n=redis.call('ZRANGEBYSCORE',KEYS[2],ad,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
if#n==2*ARGV[4]then aN=n[#n]end
end
end
end
if C+#n+#k+#aF==0 then return{Q,s,c,G,ay,X,aw}end
return{Q,s,c,G,ay,X,aw,aN,aX,C,table.concat(n,'\\t'),table.concat(k,'\\t'),
table.concat(aF,'\\t')}`,
  },
  cleanup: {
    sha: 'd427717e0a215ecbd500a85828fa7f5e491d551b',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ah(e,s,...)
local f=H(e,'epoch','version','told')
for aa,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ai(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(af,a)
local B=#a-1
for aa,ak in ipairs(a)do B=B+#ak end
redis.call('PUBLISH',af,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(k,e,R,g,c,a)
c=i(c)
redis.call('ZADD',k,c,R..' '..g)
local v=redis.call('ZCARD',k)-10000
if v>0 then
local f=redis.call('ZRANGE',k,v-1,v-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,v-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,R
end
local q={'',i(m)}
local c,a=ah(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local T=redis.call('MGET',unpack(KEYS,6))
local ac,j={},{}
for b=0,(#KEYS-5)/2-1 do
local g,ba=ARGV[2+2*b],ARGV[3+2*b]
local W=redis.call('ZSCORE',KEYS[1],g)
local U=T[1+2*b]or''
local aP=W and tonumber(W)<=m
if ba~=''then aP=redis.call('HEXISTS',KEYS[2],g)==1 and U==string.sub(ba,2)end
if aP then
j[#j+1]=g
ac[#ac+1],ac[#ac+2]=KEYS[6+2*b],KEYS[7+2*b]
q[#q+1],q[#q+2]=b,U
end
end
if#j>0 then
redis.call('DEL',unpack(ac))
for aa,g in ipairs(j)do
c=c+1
ar(KEYS[4],KEYS[5],'expired',g,c,a)
end
ai(KEYS[5],c,a)
redis.call('ZREM',KEYS[3],unpack(j))
redis.call('HDEL',KEYS[2],unpack(j))
redis.call('ZREM',KEYS[1],unpack(j))
al(ARGV[1],a)
end
local aw=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
q[1]=aw[2]or''
return q`,
  },
  detail: {
    sha: '648a96c9ef9c99f47c231c87d47cd3cbce4b1952',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
H(KEYS[4])
return{i(m),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: '7be2f4a56a414c67fdd4bd4f3796d1eb6071d2c5',
    source: `local bc=redis.call('MGET',unpack(KEYS,2))
local Z=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local q={}
for b=1,#ARGV do q[2*b-1],q[2*b]=Z[b]or'',bc[b]or''end
return q`,
  },
  expired: {
    sha: '9f301146d58fabd5181f6973699fa079ae4ad384',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',i(m),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: '074a5fcc81651ebf9aa0bf49b1d46ba0bb7dbd1c',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ao(w,E)return#w-#'registry:incarnations'+#E+1 end
local function aA(w,E,t,f)
local ag=ao(w,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ag)end
return j
end
local s=H(KEYS[3],'epoch')[2]or''
local A,aG=#KEYS-3,#ARGV>2
local Q,W=i(m),i(m+ARGV[2])
local az=string.format('%d.%06d',l[1],l[2])
local X=redis.call('ZCOUNT',KEYS[1],'-inf',Q)
local ag,bg,ac=ao(KEYS[2],'heartbeat:'),string.sub,KEYS
local aI,aC={},true
local j,aj,V={},{'XX','CH'},{}
for t=3,A+2,100 do
local C=math.min(100,A+3-t)
for b=1,C do
local J=ac[t+b]
local g=bg(J,ag)
j[b]=g
aj[2*b+1],aj[2*b+2]=W,g
V[2*b-1],V[2*b]=J,az
end
local u=aG and redis.call('HMGET',KEYS[2],unpack(j,1,C))
local aW=true
if aG then
for b=1,C do
local au=ARGV[t+b-1]
if not u[b]or au~=''and au~=u[b]then aW=false break end
end
end
if aW and redis.call('ZADD',KEYS[1],unpack(aj,1,2*C+2))==C then
redis.call('MSET',unpack(V,1,2*C))
else
u=u or redis.call('HMGET',KEYS[2],unpack(j,1,C))
local ap,aD,r={},{},0
for b=1,C do
local au=aG and ARGV[t+b-1]or''
if not u[b]then
aI[t+b-3],aC=0,false
elseif au~=''and au~=u[b]then
aI[t+b-3],aC=-1,false
else
ap[r+1],ap[r+2]=W,j[b]
aD[r+1],aD[r+2]=ac[t+b],az
r=r+2
end
end
if r>0 then
redis.call('ZADD',KEYS[1],unpack(ap))
redis.call('MSET',unpack(aD))
end
end
end
if X>0 and redis.call('ZCOUNT',KEYS[1],'-inf',Q)<X then redis.call('PUBLISH',ARGV[1],s)end
if aC then return A end
local q={}
for b=1,A do q[b]=aI[b]or 1 end
return q`,
  },
  register: {
    sha: '8e2a1b20a394d4a39c4d55b14a0665ce5389f2e0',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ao(w,E)return#w-#'registry:incarnations'+#E+1 end
local function aA(w,E,t,f)
local ag=ao(w,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ag)end
return j
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ah(e,s,...)
local f=H(e,'epoch','version','told')
for aa,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ai(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(af,a)
local B=#a-1
for aa,ak in ipairs(a)do B=B+#ak end
redis.call('PUBLISH',af,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(k,e,R,g,c,a)
c=i(c)
redis.call('ZADD',k,c,R..' '..g)
local v=redis.call('ZCARD',k)-10000
if v>0 then
local f=redis.call('ZRANGE',k,v-1,v-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,v-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,R
end
local aM='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aL(I)
local D,M,N,O,P,L,r,aJ,y=string.match(I,aM)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=r,registered=aJ,
rest=string.sub(I,y)}
end
local function I(D,d,c,y)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..y
end
local function aB(d,Y)
local M,L,N,O,P=string.match(Y,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,S=false,false
if M~=''and M~=d.health then d.health,G=M,true end
if L~=''and L~=d.draining then d.draining,G=L,true end
if N~=''and N~=d.m1 then d.m1,S=N,true end
if O~=''and O~=d.m2 then d.m2,S=O,true end
if P~=''and P~=d.m3 then d.m3,S=P,true end
if S then d.at=i(math.floor(m/1000))end
return G or S,G
end
local A=(#KEYS-5)/2
local j=aA(KEYS[2],'backend:',6,5+A)
local u=redis.call('HMGET',KEYS[2],unpack(j))
local U=redis.call('MGET',unpack(KEYS,6,5+A))
local aE,a=ah(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=aE
local az=string.format('%d.%06d',l[1],l[2])
local aU=i(math.floor(m/1000))
local bf='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local T,aj,Z,w,at,q,aV={},{},{},{},{},{},{}
local ap,aH,W,aY=false,nil,nil,nil
local ae,V,n=0,0,0
local an={}
for b=1,A do
if not U[b]then an[#an+1]=KEYS[5+b]end
if not u[b]then an[#an+1]=KEYS[5+A+b]end
end
local bh=#an>0 and redis.call('EXISTS',unpack(an))>0
local function aR(J)
local E=bh and redis.call('TYPE',J).ok or'none'
return E~='none'and E~='string'
end
for b=1,A do
local g,am=j[b],5*b-2
local D,ab,Y,as=ARGV[am],ARGV[am+1],ARGV[am+3],ARGV[am+4]
if ARGV[am+2]~=aH then
aH=ARGV[am+2]
W=i(m+aH)
aY='+'..W
end
local f=aV[g]
aV[g]=b
local x,K=u[b],U[b]
if f then x,K=u[f],U[f]end
local aQ,aZ,y
if x and K and string.find(K,D,1,true)==1 then
aQ,aZ,y=string.match(K,bf,#D+1)
if y and string.find(K,x,y,true)~=y then y=nil end
end
local aT=string.byte(ab)
ab=string.sub(ab,2)
local aq,F,r
if x and aT==33 then
aq,F='known',''
elseif not f and(not K and aR(KEYS[5+b])or not x and aR(KEYS[5+A+b]))then
aq,F='foreign',''
elseif y and(aT~=61 or ab==x)then
local be=#K-y+1==#x+#as and string.find(K,as,y+#x,true)
local d=Y~=''and aL(K)
if d and aB(d,Y)or not be then
c=c+1
aq,r='updated',i(c)
if d then F=I(D,d,r,x..as)
else F=string.sub(K,1,aQ-1)..',"version":'..r..string.sub(K,aZ,y-1)..x..as end
else
aq,F,ap='renewed',K,true
end
else
aq=y and'replaced'or'registered'
x=ab
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aU}
if Y~=''then
aB(d,Y)
if string.find(Y,'%d')then d.at=aU end
end
c=c+1
r=i(c)
F=I(D,d,r,x..as)
w[#w+1],w[#w+2]=g,x
at[#at+1],at[#at+2]='unregistered '..g,'expired '..g
end
if r then
T[ae+1],T[ae+2]=KEYS[5+b],F
Z[2*n+1],Z[2*n+2]=r,g
a[3*n+4],a[3*n+5],a[3*n+6]=aY,g,F
ae,n=ae+2,n+1
end
if F~=''then
T[ae+1],T[ae+2]=KEYS[5+A+b],az
aj[2*V+1],aj[2*V+2]=W,g
ae,V=ae+2,V+1
U[b]=F
end
u[b]=x
q[2*b-1],q[2*b]=aq,F
end
local Q=i(m)
local X=ap and redis.call('ZCOUNT',KEYS[1],'-inf',Q)or 0
if c>aE then
ai(KEYS[5],c,a)
redis.call('ZADD',KEYS[3],unpack(Z))
end
if V>0 then
redis.call('ZADD',KEYS[1],unpack(aj))
redis.call('MSET',unpack(T))
end
if#w>0 then
redis.call('ZREM',KEYS[4],unpack(at))
redis.call('HSET',KEYS[2],unpack(w))
end
local aO=X>0 and redis.call('ZCOUNT',KEYS[1],'-inf',Q)<X
if c>aE then al(ARGV[1],aO and{a[1],a[2],a[3]}or a)
elseif aO then redis.call('PUBLISH',ARGV[1],a[1])end
return q`,
  },
  unregister: {
    sha: 'baf131ca6c49779e7bebe3c3be1b280c450d7e43',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ah(e,s,...)
local f=H(e,'epoch','version','told')
for aa,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ai(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(af,a)
local B=#a-1
for aa,ak in ipairs(a)do B=B+#ak end
redis.call('PUBLISH',af,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(k,e,R,g,c,a)
c=i(c)
redis.call('ZADD',k,c,R..' '..g)
local v=redis.call('ZCARD',k)-10000
if v>0 then
local f=redis.call('ZRANGE',k,v-1,v-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,v-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,R
end
local c,a=ah(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local u=redis.call('HGET',KEYS[4],ARGV[2])
if not u and not redis.call('ZSCORE',KEYS[3],ARGV[2])and not redis.call('ZSCORE',KEYS[5],ARGV[2])then return 0 end
if ARGV[3]~=''and ARGV[3]~=u then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
ar(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,a)
ai(KEYS[7],c,a)
redis.call('ZREM',KEYS[5],ARGV[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
al(ARGV[1],a)
return 1`,
  },
  update: {
    sha: '5e8066afd849d644def0aaeb785d4616db5cf9eb',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ao(w,E)return#w-#'registry:incarnations'+#E+1 end
local function aA(w,E,t,f)
local ag=ao(w,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ag)end
return j
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function ah(e,s,...)
local f=H(e,'epoch','version','told')
for aa,J in ipairs({...})do redis.call('ZCARD',J)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ai(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function al(af,a)
local B=#a-1
for aa,ak in ipairs(a)do B=B+#ak end
redis.call('PUBLISH',af,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function ar(k,e,R,g,c,a)
c=i(c)
redis.call('ZADD',k,c,R..' '..g)
local v=redis.call('ZCARD',k)-10000
if v>0 then
local f=redis.call('ZRANGE',k,v-1,v-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,v-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,R
end
local aM='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aL(I)
local D,M,N,O,P,L,r,aJ,y=string.match(I,aM)
if not D then return nil end
return{address=string.sub(I,1,D-1),health=M,draining=L,m1=N,m2=O,m3=P,at=r,registered=aJ,
rest=string.sub(I,y)}
end
local function I(D,d,c,y)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..y
end
local function aB(d,Y)
local M,L,N,O,P=string.match(Y,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,S=false,false
if M~=''and M~=d.health then d.health,G=M,true end
if L~=''and L~=d.draining then d.draining,G=L,true end
if N~=''and N~=d.m1 then d.m1,S=N,true end
if O~=''and O~=d.m2 then d.m2,S=O,true end
if P~=''and P~=d.m3 then d.m3,S=P,true end
if S then d.at=i(math.floor(m/1000))end
return G or S,G
end
local A=#KEYS-3
local c,a=ah(KEYS[3],'',KEYS[2])
local j=aA(KEYS[1],'backend:',4,3+A)
local u=redis.call('HMGET',KEYS[1],unpack(j))
local U=redis.call('MGET',unpack(KEYS,4,3+A))
local q,aK,n={},{},{}
for b=1,A do
local g,ab,x=j[b],ARGV[2*b],u[b]
local z=aK[g]
if not z then
z=x and U[b]and aL(U[b])
if z then
z.key=KEYS[3+b]
aK[g]=z
end
end
if not x then
q[b]=-1
elseif ab~=''and ab~=x then
q[b]=-2
elseif not z then
q[b]=-1
else
local bb,G=aB(z,ARGV[2*b+1])
q[b]=bb and 1 or 0
z.told=z.told or G
if bb and not z.changed then
z.changed=true
n[#n+1]=g
end
end
end
if#n>0 then
local T,Z={},{}
for b,g in ipairs(n)do
local z=aK[g]
c=c+1
local r=i(c)
local F=I(z.address,z,r,z.rest)
T[2*b-1],T[2*b]=z.key,F
Z[2*b-1],Z[2*b]=r,g
if z.told then a[#a+1],a[#a+2],a[#a+3]='=',g,F end
end
local aS=#a>3
if aS then ai(KEYS[3],c,a)
else redis.call('HSET',KEYS[3],'version',i(c))end
redis.call('ZADD',KEYS[2],unpack(Z))
redis.call('MSET',unpack(T))
if aS then al(ARGV[1],a)end
end
return q`,
  },
};
