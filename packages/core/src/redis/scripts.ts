/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '91ac2ca79a0b6e058cc830bb42c6e27349a66d08',
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
local s,c,G,be=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local af,az,aA,ax,u=ARGV[2],ARGV[3],0,ARGV[5],tonumber(ARGV[6])
if s~=ARGV[1]or tonumber(az)<tonumber(be)or tonumber(az)>tonumber(c)or tonumber(af)>tonumber(c)then
af,az,aA,ax='0',c,1,'-inf'
end
local J=i(m)
local t=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local I,Z,X=t[2]or'',0,{}
if t[2]and tonumber(t[2])<=m then
Z=redis.call('ZCOUNT',KEYS[1],'-inf',J)
I=redis.call('ZRANGEBYSCORE',KEYS[1],'('..J,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if ax~='-inf'then ax='('..ax end
X=redis.call('ZRANGEBYSCORE',KEYS[1],ax,J,'LIMIT',0,ARGV[4])
end
local k,aY={},c
if az~=c then
k=redis.call('ZRANGEBYSCORE',KEYS[3],'('..az,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
if#k==2*ARGV[4]then aY=k[#k]end
end
local n,aP,C={},c,0
if af~=c then
af='('..af
if u==0 then
n=redis.call('ZRANGEBYSCORE',KEYS[2],af,'+inf','LIMIT',0,4*ARGV[4])
if#n==4*ARGV[4]then aP=redis.call('ZSCORE',KEYS[2],n[#n])end
else
if#k==0 and aA==0 and u==redis.call('ZCARD',KEYS[2])then C=redis.call('ZCOUNT',KEYS[2],af,'+inf')end
if C<32 or 2*C<u then
C=0
n=redis.call('ZRANGEBYSCORE',KEYS[2],af,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
if#n==2*ARGV[4]then aP=n[#n]end
end
end
end
if C+#n+#k+#X==0 then return{J,s,c,G,aA,Z,I}end
return{J,s,c,G,aA,Z,I,aP,aY,C,table.concat(n,'\\t'),table.concat(k,'\\t'),
table.concat(X,'\\t')}`,
  },
  cleanup: {
    sha: '1a09db77a28a9b9bf1b49ff3243f55f967e29dd3',
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
local function aj(e,s,...)
local f=H(e,'epoch','version','told')
for ac,M in ipairs({...})do redis.call('ZCARD',M)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ak(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function ao(ah,a)
local B=#a-1
for ac,am in ipairs(a)do B=B+#am end
redis.call('PUBLISH',ah,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function at(k,e,S,g,c,a)
c=i(c)
redis.call('ZADD',k,c,S..' '..g)
local x=redis.call('ZCARD',k)-10000
if x>0 then
local f=redis.call('ZRANGE',k,x-1,x-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,x-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,S
end
local q={'',i(m)}
local c,a=aj(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local U=redis.call('MGET',unpack(KEYS,6))
local ae,j={},{}
for b=0,(#KEYS-5)/2-1 do
local g,bb=ARGV[2+2*b],ARGV[3+2*b]
local Y=redis.call('ZSCORE',KEYS[1],g)
local V=U[1+2*b]or''
local aR=Y and tonumber(Y)<=m
if bb~=''then aR=redis.call('ZSCORE',KEYS[3],g)and V==string.sub(bb,2)end
if aR then
j[#j+1]=g
ae[#ae+1],ae[#ae+2]=KEYS[6+2*b],KEYS[7+2*b]
q[#q+1],q[#q+2]=b,V
end
end
if#j>0 then
redis.call('DEL',unpack(ae))
for ac,g in ipairs(j)do
c=c+1
at(KEYS[4],KEYS[5],'expired',g,c,a)
end
ak(KEYS[5],c,a)
redis.call('ZREM',KEYS[3],unpack(j))
redis.call('HDEL',KEYS[2],unpack(j))
redis.call('ZREM',KEYS[1],unpack(j))
ao(ARGV[1],a)
end
local I=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
q[1]=I[2]or''
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
    sha: '7235b5a3579846092c095d1157a3ff9659ea0c0f',
    source: `local bd=redis.call('MGET',unpack(KEYS,2))
local ab=redis.call('ZMSCORE',KEYS[1],unpack(ARGV))
local q={}
for b=1,#ARGV do q[2*b-1],q[2*b]=ab[b]or'',bd[b]or''end
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
    sha: 'cd5c082c6653bddc150e7f2e0d84ec7c6d76b16b',
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
local function ar(y,E)return#y-#'registry:incarnations'+#E+1 end
local function aC(y,E,t,f)
local ai=ar(y,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ai)end
return j
end
local J=i(m)
local function ay()
local X=redis.call('ZCOUNT',KEYS[1],'-inf',J)
return tonumber(redis.call('ZRANGE',KEYS[1],X,X,'WITHSCORES')[2])or math.huge
end
local s=H(KEYS[3],'epoch')[2]or''
local A,aH=#KEYS-3,#ARGV>2
local Y=i(m+ARGV[2])
local aB=string.format('%d.%06d',l[1],l[2])
local Z=redis.call('ZCOUNT',KEYS[1],'-inf',J)
local ai,bh,ae=ar(KEYS[2],'heartbeat:'),string.sub,KEYS
local aK,aE,I={},true,nil
local j,al,W={},{'XX','GT','CH'},{}
for t=3,A+2,100 do
local C=math.min(100,A+3-t)
for b=1,C do
local M=ae[t+b]
local g=bh(M,ai)
j[b]=g
al[2*b+2],al[2*b+3]=Y,g
W[2*b-1],W[2*b]=M,aB
end
local u=aH and redis.call('HMGET',KEYS[2],unpack(j,1,C))
local aX=true
if aH then
for b=1,C do
local aw=ARGV[t+b-1]
if not u[b]or aw~=''and aw~=u[b]then aX=false break end
end
end
if aX and redis.call('ZADD',KEYS[1],unpack(al,1,2*C+3))==C then
redis.call('MSET',unpack(W,1,2*C))
else
u=u or redis.call('HMGET',KEYS[2],unpack(j,1,C))
local an,aF,r={},{},0
for b=1,C do
local aw=aH and ARGV[t+b-1]or''
if not u[b]then
aK[t+b-3],aE=0,false
elseif aw~=''and aw~=u[b]then
aK[t+b-3],aE=-1,false
else
an[r+1],an[r+2]=Y,j[b]
aF[r+1],aF[r+2]=ae[t+b],aB
r=r+2
end
end
if r>0 then
I=I or ay()
redis.call('ZADD',KEYS[1],unpack(an))
redis.call('MSET',unpack(aF))
end
end
end
if I and ay()<I or Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',J)<Z then redis.call('PUBLISH',ARGV[1],s)end
if aE then return A end
local q={}
for b=1,A do q[b]=aK[b]or 1 end
return q`,
  },
  register: {
    sha: 'ec65d80e0903339c8af8d7c2725534b46a1e482a',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ar(y,E)return#y-#'registry:incarnations'+#E+1 end
local function aC(y,E,t,f)
local ai=ar(y,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ai)end
return j
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function aj(e,s,...)
local f=H(e,'epoch','version','told')
for ac,M in ipairs({...})do redis.call('ZCARD',M)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ak(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function ao(ah,a)
local B=#a-1
for ac,am in ipairs(a)do B=B+#am end
redis.call('PUBLISH',ah,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function at(k,e,S,g,c,a)
c=i(c)
redis.call('ZADD',k,c,S..' '..g)
local x=redis.call('ZCARD',k)-10000
if x>0 then
local f=redis.call('ZRANGE',k,x-1,x-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,x-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,S
end
local aO='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aN(L)
local D,O,P,Q,R,N,r,aL,w=string.match(L,aO)
if not D then return nil end
return{address=string.sub(L,1,D-1),health=O,draining=N,m1=P,m2=Q,m3=R,at=r,registered=aL,
rest=string.sub(L,w)}
end
local function L(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function aD(d,aa)
local O,N,P,Q,R=string.match(aa,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,T=false,false
if O~=''and O~=d.health then d.health,G=O,true end
if N~=''and N~=d.draining then d.draining,G=N,true end
if P~=''and P~=d.m1 then d.m1,T=P,true end
if Q~=''and Q~=d.m2 then d.m2,T=Q,true end
if R~=''and R~=d.m3 then d.m3,T=R,true end
if T then d.at=i(math.floor(m/1000))end
return G or T,G
end
local J=i(m)
local function ay()
local X=redis.call('ZCOUNT',KEYS[1],'-inf',J)
return tonumber(redis.call('ZRANGE',KEYS[1],X,X,'WITHSCORES')[2])or math.huge
end
local A=(#KEYS-5)/2
local j=aC(KEYS[2],'backend:',6,5+A)
local u=redis.call('HMGET',KEYS[2],unpack(j))
local V=redis.call('MGET',unpack(KEYS,6,5+A))
local aG,a=aj(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=aG
local aB=string.format('%d.%06d',l[1],l[2])
local aV=i(math.floor(m/1000))
local bg='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local U,al,ab,y,av,q,aW={},{},{},{},{},{},{}
local an,aI,Y,aZ=false,nil,nil,nil
local ag,W,n=0,0,0
local aq={}
for b=1,A do
if not V[b]then aq[#aq+1]=KEYS[5+b]end
if not u[b]then aq[#aq+1]=KEYS[5+A+b]end
end
local bi=#aq>0 and redis.call('EXISTS',unpack(aq))>0
local function aT(M)
local E=bi and redis.call('TYPE',M).ok or'none'
return E~='none'and E~='string'
end
for b=1,A do
local g,ap=j[b],5*b-2
local D,ad,aa,au=ARGV[ap],ARGV[ap+1],ARGV[ap+3],ARGV[ap+4]
if ARGV[ap+2]~=aI then
aI=ARGV[ap+2]
Y=i(m+aI)
aZ='+'..Y
end
local f=aW[g]
aW[g]=b
local v,K=u[b],V[b]
if f then v,K=u[f],V[f]end
local aS,ba,w
if v and K and string.find(K,D,1,true)==1 then
aS,ba,w=string.match(K,bg,#D+1)
if w and string.find(K,v,w,true)~=w then w=nil end
end
local aJ=string.byte(ad)
ad=string.sub(ad,2)
local as,F,r
if v and aJ==33 and(w or not K)then
as,F='known',''
elseif not f and(not K and aT(KEYS[5+b])or not v and aT(KEYS[5+A+b]))then
as,F='foreign',''
elseif w and(aJ~=61 or ad==v)then
local bf=#K-w+1==#v+#au and string.find(K,au,w+#v,true)
local d=aa~=''and aN(K)
if d and aD(d,aa)or not bf then
c=c+1
as,r='updated',i(c)
if d then F=L(D,d,r,v..au)
else F=string.sub(K,1,aS-1)..',"version":'..r..string.sub(K,ba,w-1)..v..au end
else
as,F,an='renewed',K,true
end
else
as=w and'replaced'or'registered'
v=aJ==33 and v or ad
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aV}
if aa~=''then
aD(d,aa)
if string.find(aa,'%d')then d.at=aV end
end
c=c+1
r=i(c)
F=L(D,d,r,v..au)
y[#y+1],y[#y+2]=g,v
av[#av+1],av[#av+2]='unregistered '..g,'expired '..g
end
if r then
U[ag+1],U[ag+2]=KEYS[5+b],F
ab[2*n+1],ab[2*n+2]=r,g
a[3*n+4],a[3*n+5],a[3*n+6]=aZ,g,F
ag,n=ag+2,n+1
end
if F~=''then
U[ag+1],U[ag+2]=KEYS[5+A+b],aB
al[2*W+1],al[2*W+2]=Y,g
ag,W=ag+2,W+1
V[b]=F
end
u[b]=v
q[2*b-1],q[2*b]=as,F
end
local Z=an and redis.call('ZCOUNT',KEYS[1],'-inf',J)or 0
local I=an and ay()
if c>aG then
ak(KEYS[5],c,a)
redis.call('ZADD',KEYS[3],unpack(ab))
end
if W>0 then
redis.call('ZADD',KEYS[1],unpack(al))
redis.call('MSET',unpack(U))
end
if#y>0 then
redis.call('ZREM',KEYS[4],unpack(av))
redis.call('HSET',KEYS[2],unpack(y))
end
local aQ=Z>0 and redis.call('ZCOUNT',KEYS[1],'-inf',J)<Z or I and ay()<I
if c>aG then ao(ARGV[1],aQ and{a[1],a[2],a[3]}or a)
elseif aQ then redis.call('PUBLISH',ARGV[1],a[1])end
return q`,
  },
  unregister: {
    sha: '7e7b9d9cbd66884d2a5ce9b7149302314d816128',
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
local function aj(e,s,...)
local f=H(e,'epoch','version','told')
for ac,M in ipairs({...})do redis.call('ZCARD',M)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ak(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function ao(ah,a)
local B=#a-1
for ac,am in ipairs(a)do B=B+#am end
redis.call('PUBLISH',ah,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function at(k,e,S,g,c,a)
c=i(c)
redis.call('ZADD',k,c,S..' '..g)
local x=redis.call('ZCARD',k)-10000
if x>0 then
local f=redis.call('ZRANGE',k,x-1,x-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,x-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,S
end
local c,a=aj(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local u=redis.call('HGET',KEYS[4],ARGV[2])
if not u and not redis.call('ZSCORE',KEYS[3],ARGV[2])and not redis.call('ZSCORE',KEYS[5],ARGV[2])then return 0 end
if ARGV[3]~=''and ARGV[3]~=u then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
at(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,a)
ak(KEYS[7],c,a)
redis.call('ZREM',KEYS[5],ARGV[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
ao(ARGV[1],a)
return 1`,
  },
  update: {
    sha: 'f76acec11148757ee29edba0e0dfd8ab3d40dae3',
    source: `local l=redis.call('TIME')
local m=l[1]*1000000+l[2]
local function i(p)
local o=math.floor(p/1000000)
return string.format('%d%06d',o,p-o*1000000)
end
local function ar(y,E)return#y-#'registry:incarnations'+#E+1 end
local function aC(y,E,t,f)
local ai=ar(y,E)
local j={}
for b=t,f do j[b-t+1]=string.sub(KEYS[b],ai)end
return j
end
local function H(e,...)
local h=redis.call('HMGET',e,'schema',...)
if h[1]and h[1]~='1'then error('SCHEMA '..h[1])end
return h
end
local function aj(e,s,...)
local f=H(e,'epoch','version','told')
for ac,M in ipairs({...})do redis.call('ZCARD',M)end
if not f[2]and s~=''then redis.call('HSET',e,'schema','1','epoch',s,'floor','0')end
return math.max(tonumber(f[3])or 0,m-1),{f[2]or s,f[4]or'0',''}
end
local function ak(e,c,a)
a[3]=i(c)
redis.call('HSET',e,'version',a[3],'told',a[3])
end
local function ao(ah,a)
local B=#a-1
for ac,am in ipairs(a)do B=B+#am end
redis.call('PUBLISH',ah,table.concat(a,'\\t',1,B>16384 and 3 or#a))
end
local function at(k,e,S,g,c,a)
c=i(c)
redis.call('ZADD',k,c,S..' '..g)
local x=redis.call('ZCARD',k)-10000
if x>0 then
local f=redis.call('ZRANGE',k,x-1,x-1,'WITHSCORES')
redis.call('HSET',e,'floor',f[2])
redis.call('ZREMRANGEBYRANK',k,0,x-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,g,S
end
local aO='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aN(L)
local D,O,P,Q,R,N,r,aL,w=string.match(L,aO)
if not D then return nil end
return{address=string.sub(L,1,D-1),health=O,draining=N,m1=P,m2=Q,m3=R,at=r,registered=aL,
rest=string.sub(L,w)}
end
local function L(D,d,c,w)
return D..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..w
end
local function aD(d,aa)
local O,N,P,Q,R=string.match(aa,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,T=false,false
if O~=''and O~=d.health then d.health,G=O,true end
if N~=''and N~=d.draining then d.draining,G=N,true end
if P~=''and P~=d.m1 then d.m1,T=P,true end
if Q~=''and Q~=d.m2 then d.m2,T=Q,true end
if R~=''and R~=d.m3 then d.m3,T=R,true end
if T then d.at=i(math.floor(m/1000))end
return G or T,G
end
local A=#KEYS-3
local c,a=aj(KEYS[3],'',KEYS[2])
local j=aC(KEYS[1],'backend:',4,3+A)
local u=redis.call('HMGET',KEYS[1],unpack(j))
local V=redis.call('MGET',unpack(KEYS,4,3+A))
local q,aM,n={},{},{}
for b=1,A do
local g,ad,v=j[b],ARGV[2*b],u[b]
local z=aM[g]
if not z then
z=v and V[b]and aN(V[b])
if z then
z.key=KEYS[3+b]
aM[g]=z
end
end
if not v then
q[b]=-1
elseif ad~=''and ad~=v then
q[b]=-2
elseif not z then
q[b]=-1
else
local bc,G=aD(z,ARGV[2*b+1])
q[b]=bc and 1 or 0
z.told=z.told or G
if bc and not z.changed then
z.changed=true
n[#n+1]=g
end
end
end
if#n>0 then
local U,ab={},{}
for b,g in ipairs(n)do
local z=aM[g]
c=c+1
local r=i(c)
local F=L(z.address,z,r,z.rest)
U[2*b-1],U[2*b]=z.key,F
ab[2*b-1],ab[2*b]=r,g
if z.told then a[#a+1],a[#a+2],a[#a+3]='=',g,F end
end
local aU=#a>3
if aU then ak(KEYS[3],c,a)
else redis.call('HSET',KEYS[3],'version',i(c))end
redis.call('ZADD',KEYS[2],unpack(ab))
redis.call('MSET',unpack(U))
if aU then ao(ARGV[1],a)end
end
return q`,
  },
};
