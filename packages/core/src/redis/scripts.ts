/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: '5ef83e6565a1e5015957a40a3b77cdf6d4320bc5',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local g=redis.call('HMGET',KEYS[4],'epoch','version','told','floor','schema')
if g[5]and g[5]~='1'then error('SCHEMA '..g[5])end
local A,c,j,aR=g[1]or'none',g[2]or'0',g[3]or'0',g[4]or'0'
local ab,ap,au,ao=ARGV[2],ARGV[3],0,ARGV[5]
if A~=ARGV[1]or tonumber(ap)<tonumber(aR)or tonumber(ap)>tonumber(c)or tonumber(ab)>tonumber(c)then
ab,ap,au,ao='0',c,1,'-inf'
end
local P=i(o)
local m=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local ar,U,aw=m[2]or'',0,{}
if m[2]and tonumber(m[2])<=o then
U=redis.call('ZCOUNT',KEYS[1],'-inf',P)
ar=redis.call('ZRANGEBYSCORE',KEYS[1],'('..P,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if ao~='-inf'then ao='('..ao end
aw=redis.call('ZRANGEBYSCORE',KEYS[1],ao,P,'LIMIT',0,ARGV[4])
end
local h={P,A,c,j,au,U,ar}
local n={}
if ap~=c then n=redis.call('ZRANGEBYSCORE',KEYS[3],'('..ap,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local u={}
local ai=0
if ab~=c then
ab='('..ab
if#n==0 and au==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then ai=redis.call('ZCOUNT',KEYS[2],ab,'+inf')end
if ai<32 or 2*ai<tonumber(ARGV[6])then
ai=0
u=redis.call('ZRANGEBYSCORE',KEYS[2],ab,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
h[8]=ai>0 and-ai or#u/2
for b=1,#u do h[#h+1]=u[b]end
h[#h+1]=#n/2
for b=1,#n do h[#h+1]=n[b]end
for b=1,#aw do h[#h+1]=aw[b]end
return h`,
  },
  cleanup: {
    sha: 'a603c9b408b03b59d94cf039830585c2f95bd06f',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function aa(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function W(j)return{j,''}end
local function ac(g,Y,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',Y,y)
end
local function ak(n,g,N,f,c,a)
c=i(c)
redis.call('ZADD',n,c,N..' '..f)
local q=redis.call('ZCARD',n)-10000
if q>0 then
local d=redis.call('ZRANGE',n,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',n,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local h={'',i(o)}
local af,j=aa(KEYS[5],'')
local c,a=af,W(j)
for b=0,(#KEYS-5)/2-1 do
local aD,aS,f,aP=KEYS[6+2*b],KEYS[7+2*b],ARGV[2+2*b],ARGV[3+2*b]
local Q=redis.call('ZSCORE',KEYS[1],f)
local T=redis.call('GET',aD)or''
local aF=Q and tonumber(Q)<=o
if aP~=''then aF=redis.call('HEXISTS',KEYS[2],f)==1 and T==string.sub(aP,2)end
if aF then
c=c+1
redis.call('DEL',aD,aS)
redis.call('ZREM',KEYS[1],f)
redis.call('HDEL',KEYS[2],f)
redis.call('ZREM',KEYS[3],f)
ak(KEYS[4],KEYS[5],'expired',f,c,a)
h[#h+1]=b
h[#h+1]=T
end
end
if c>af then ac(KEYS[5],ARGV[1],c,a)end
local ar=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
h[1]=ar[2]or''
return h`,
  },
  detail: {
    sha: '41ce567d7f542d2171fcbbb092505e9d062020ea',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
return{i(o),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: 'f04a2c6ba4e7aee7f73b1927a07bae924f5cafef',
    source: `local av=redis.call('MGET',unpack(KEYS))
for b=1,#KEYS do av[b]=av[b]or''end
return av`,
  },
  expired: {
    sha: '543343d8c9b01d77650f6c4339cd744fb1389f0c',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',i(o),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: '94a74f5902b2db1676c42aa6c0534406b5e28e95',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function ag(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ah(r,H,m,d)
local Z=ag(r,H)
local p={}
for b=m,d do p[b-m+1]=string.sub(KEYS[b],Z)end
return p
end
local C,aE=#KEYS-2,#ARGV>2
local P,Q=i(o),i(o+ARGV[2])
local aq=string.format('%d.%06d',l[1],l[2])
local U=redis.call('ZCOUNT',KEYS[1],'-inf',P)
local Z,aW,aT=ag(KEYS[2],'heartbeat:'),string.sub,KEYS
local h,at={},true
for m=3,C+2,100 do
local d=math.min(m+99,C+2)
local I,B,k={'XX','CH'},{},0
for b=m,d do
local aH=aT[b]
I[k+3],I[k+4]=Q,aW(aH,Z)
B[k+1],B[k+2]=aH,aq
k=k+2
end
local p,w=nil,nil
local aL=true
if aE then
p=ah(KEYS[2],'heartbeat:',m,d)
w=redis.call('HMGET',KEYS[2],unpack(p))
for b=1,#p do
local an=ARGV[m+b-1]
if not w[b]or an~=''and an~=w[b]then aL=false break end
end
end
if aL and redis.call('ZADD',KEYS[1],unpack(I))==d-m+1 then
redis.call('MSET',unpack(B))
for b=m,d do h[b-2]=1 end
else
p=p or ah(KEYS[2],'heartbeat:',m,d)
w=w or redis.call('HMGET',KEYS[2],unpack(p))
I,B,k={},{},0
for b=1,#p do
local an=aE and ARGV[m+b-1]or''
if not w[b]then
h[m+b-3],at=0,false
elseif an~=''and an~=w[b]then
h[m+b-3],at=-1,false
else
h[m+b-3]=1
I[k+1],I[k+2]=Q,p[b]
B[k+1],B[k+2]=KEYS[m+b-1],aq
k=k+2
end
end
if k>0 then
redis.call('ZADD',KEYS[1],unpack(I))
redis.call('MSET',unpack(B))
end
end
end
if U>0 and redis.call('ZCOUNT',KEYS[1],'-inf',P)<U then redis.call('PUBLISH',ARGV[1],'')end
if at then return C end
return h`,
  },
  register: {
    sha: 'b59134051fc3c8dd2f511a9d9d357ee8fd45f32d',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function ag(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ah(r,H,m,d)
local Z=ag(r,H)
local p={}
for b=m,d do p[b-m+1]=string.sub(KEYS[b],Z)end
return p
end
local function aa(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function W(j)return{j,''}end
local function ac(g,Y,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',Y,y)
end
local function ak(n,g,N,f,c,a)
c=i(c)
redis.call('ZADD',n,c,N..' '..f)
local q=redis.call('ZCARD',n)-10000
if q>0 then
local d=redis.call('ZRANGE',n,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',n,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local aB='^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aA(D)
local x,G,J,K,L,F,k,ay,t=string.match(D,aB)
if not x then return nil end
return{address=string.sub(D,1,x-1),health=G,draining=F,m1=J,m2=K,m3=L,at=k,registered=ay,
rest=string.sub(D,t)}
end
local function D(x,e,c,t)
return x..',"health":'..e.health..',"in_flight_requests":'..e.m1 ..',"rif_avg_latency":'..e.m2 ..',"overall_avg_latency":'..e.m3 ..
',"draining":'..e.draining..',"metrics_updated_at_ms":'..e.at..',"version":'..c..',"registered_at_ms":'..e.registered..
',"incarnation":'..t
end
local function as(e,R)
local G,F,J,K,L=string.match(R,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local j,O=false,false
if G~=''and G~=e.health then e.health,j=G,true end
if F~=''and F~=e.draining then e.draining,j=F,true end
if J~=''and J~=e.m1 then e.m1,O=J,true end
if K~=''and K~=e.m2 then e.m2,O=K,true end
if L~=''and L~=e.m3 then e.m3,O=L,true end
if O then e.at=i(math.floor(o/1000))end
return j or O,j
end
local C=(#KEYS-5)/2
local p=ah(KEYS[2],'backend:',6,5+C)
local w=redis.call('HMGET',KEYS[2],unpack(p))
local T=redis.call('MGET',unpack(KEYS,6,5+C))
local af,j=aa(KEYS[5],ARGV[2])
local c=af
local aq=string.format('%d.%06d',l[1],l[2])
local aJ=i(math.floor(o/1000))
local aV='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,I,ad,r,am,h,aK={},{},{},{},{},{},{}
local a,aM,ax,Q,aN=W(j),false,nil,nil,nil
local X,B,u=0,0,0
for b=1,C do
local f,ae=p[b],5*b-2
local x,V,R,al=ARGV[ae],ARGV[ae+1],ARGV[ae+3],ARGV[ae+4]
if ARGV[ae+2]~=ax then
ax=ARGV[ae+2]
Q=i(o+ax)
aN='+'..Q
end
local d=aK[f]
aK[f]=b
local s,M=w[b],T[b]
if d then s,M=w[d],T[d]end
local aG,aO,t
if s and M and string.sub(M,1,#x)==x then
aG,aO,t=string.match(M,aV,#x+1)
if t and string.sub(M,t,t+#s-1)~=s then t=nil end
end
local aI=string.byte(V)
V=string.sub(V,2)
local aj,E,k
if s and aI==33 then
aj,E='known',''
elseif t and(aI~=61 or V==s)then
local aU=#M-t+1==#s+#al and string.sub(M,t+#s)==al
local e=R~=''and aA(M)
if e and as(e,R)or not aU then
c=c+1
aj,k='updated',i(c)
if e then E=D(x,e,k,s..al)
else E=string.sub(M,1,aG-1)..',"version":'..k..string.sub(M,aO,t-1)..s..al end
else
aj,E,aM='renewed',M,true
end
else
aj=t and'replaced'or'registered'
s=V
local e={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aJ}
if R~=''then
as(e,R)
if string.find(R,'%d')then e.at=aJ end
end
c=c+1
k=i(c)
E=D(x,e,k,s..al)
r[#r+1],r[#r+2]=f,s
am[#am+1],am[#am+2]='unregistered '..f,'expired '..f
end
if k then
S[X+1],S[X+2]=KEYS[5+b],E
ad[2*u+1],ad[2*u+2]=k,f
a[3*u+3],a[3*u+4],a[3*u+5]=aN,f,E
X,u=X+2,u+1
end
if aj~='known'then
S[X+1],S[X+2]=KEYS[5+C+b],aq
I[2*B+1],I[2*B+2]=Q,f
X,B=X+2,B+1
T[b]=E
end
w[b]=s
h[2*b-1],h[2*b]=aj,E
end
local P=i(o)
local U=aM and redis.call('ZCOUNT',KEYS[1],'-inf',P)or 0
if#r>0 then
redis.call('HSET',KEYS[2],unpack(r))
redis.call('ZREM',KEYS[4],unpack(am))
end
if B>0 then
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[1],unpack(I))
end
if c>af then redis.call('ZADD',KEYS[3],unpack(ad))end
local aC=U>0 and redis.call('ZCOUNT',KEYS[1],'-inf',P)<U
if c>af then ac(KEYS[5],ARGV[1],c,aC and W(j)or a)
elseif aC then redis.call('PUBLISH',ARGV[1],'')end
return h`,
  },
  unregister: {
    sha: '05407fca352dea475d1b187059b00398fc0baaa7',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function aa(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function W(j)return{j,''}end
local function ac(g,Y,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',Y,y)
end
local function ak(n,g,N,f,c,a)
c=i(c)
redis.call('ZADD',n,c,N..' '..f)
local q=redis.call('ZCARD',n)-10000
if q>0 then
local d=redis.call('ZRANGE',n,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',n,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local w=redis.call('HGET',KEYS[4],ARGV[2])
if not w then return 0 end
if ARGV[3]~=''and ARGV[3]~=w then return-1 end
local c,j=aa(KEYS[7],'')
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
redis.call('ZREM',KEYS[5],ARGV[2])
local a=W(j)
ak(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,a)
ac(KEYS[7],ARGV[1],c,a)
return 1`,
  },
  update: {
    sha: '8e1b0b258e9379518f315ad67f15a4696f909f82',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function i(z)return string.format('%.0f',z)end
local function ag(r,H)return#r-#'registry:incarnations'+#H+1 end
local function ah(r,H,m,d)
local Z=ag(r,H)
local p={}
for b=m,d do p[b-m+1]=string.sub(KEYS[b],Z)end
return p
end
local function aa(g,A)
local d=redis.call('HMGET',g,'epoch','version','told','schema')
if d[4]and d[4]~='1'then error('SCHEMA '..d[4])end
if not d[1]and A~=''then redis.call('HSET',g,'schema','1','epoch',A,'floor','0')end
return math.max(tonumber(d[2])or 0,o-1),d[3]or'0'
end
local function W(j)return{j,''}end
local function ac(g,Y,c,a)
a[2]=i(c)
redis.call('HSET',g,'version',a[2],'told',a[2])
local y=table.concat(a,'\\t')
if#y>16384 then y=table.concat(a,'\\t',1,2)end
redis.call('PUBLISH',Y,y)
end
local function ak(n,g,N,f,c,a)
c=i(c)
redis.call('ZADD',n,c,N..' '..f)
local q=redis.call('ZCARD',n)-10000
if q>0 then
local d=redis.call('ZRANGE',n,q-1,q-1,'WITHSCORES')
redis.call('HSET',g,'floor',d[2])
redis.call('ZREMRANGEBYRANK',n,0,q-1)
end
a[#a+1],a[#a+2],a[#a+3]='-'..c,f,N
end
local aB='^{"url":"[^"]*","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aA(D)
local x,G,J,K,L,F,k,ay,t=string.match(D,aB)
if not x then return nil end
return{address=string.sub(D,1,x-1),health=G,draining=F,m1=J,m2=K,m3=L,at=k,registered=ay,
rest=string.sub(D,t)}
end
local function D(x,e,c,t)
return x..',"health":'..e.health..',"in_flight_requests":'..e.m1 ..',"rif_avg_latency":'..e.m2 ..',"overall_avg_latency":'..e.m3 ..
',"draining":'..e.draining..',"metrics_updated_at_ms":'..e.at..',"version":'..c..',"registered_at_ms":'..e.registered..
',"incarnation":'..t
end
local function as(e,R)
local G,F,J,K,L=string.match(R,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local j,O=false,false
if G~=''and G~=e.health then e.health,j=G,true end
if F~=''and F~=e.draining then e.draining,j=F,true end
if J~=''and J~=e.m1 then e.m1,O=J,true end
if K~=''and K~=e.m2 then e.m2,O=K,true end
if L~=''and L~=e.m3 then e.m3,O=L,true end
if O then e.at=i(math.floor(o/1000))end
return j or O,j
end
local C=#KEYS-3
local p=ah(KEYS[1],'backend:',4,3+C)
local w=redis.call('HMGET',KEYS[1],unpack(p))
local T=redis.call('MGET',unpack(KEYS,4,3+C))
local h,az,u={},{},{}
for b=1,C do
local f,V,s=p[b],ARGV[2*b],w[b]
local v=az[f]
if not v then
v=s and T[b]and aA(T[b])
if v then
v.key=KEYS[3+b]
az[f]=v
end
end
if not s then
h[b]=-1
elseif V~=''and V~=s then
h[b]=-2
elseif not v then
h[b]=-1
else
local aQ,j=as(v,ARGV[2*b+1])
h[b]=aQ and 1 or 0
v.told=v.told or j
if aQ and not v.changed then
v.changed=true
u[#u+1]=f
end
end
end
if#u>0 then
local c,j=aa(KEYS[3],'')
local S,ad,a={},{},W(j)
for b,f in ipairs(u)do
local v=az[f]
c=c+1
local k=i(c)
local E=D(v.address,v,k,v.rest)
S[2*b-1],S[2*b]=v.key,E
ad[2*b-1],ad[2*b]=k,f
if v.told then a[#a+1],a[#a+2],a[#a+3]='=',f,E end
end
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[2],unpack(ad))
if#a>2 then ac(KEYS[3],ARGV[1],c,a)
else redis.call('HSET',KEYS[3],'version',i(c))end
end
return h`,
  },
};
