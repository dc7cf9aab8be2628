/** Built from `lua/*.lua` by `pnpm lua`: do not edit. */
import type { Script } from './driver.ts';

export const scripts: Readonly<Record<'changes' | 'cleanup' | 'detail' | 'documents' | 'expired' | 'heartbeat' | 'register' | 'unregister' | 'update', Script>> = {
  changes: {
    sha: 'e568719e80ef0e415889d71d8f3cbdcf1bfd2d1d',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local e=F(KEYS[4],'epoch','version','told','floor')
local q,c,G,aU=e[2]or'none',e[3]or'0',e[4]or'0',e[5]or'0'
local ad,ar,ax,aq=ARGV[2],ARGV[3],0,ARGV[5]
if q~=ARGV[1]or tonumber(ar)<tonumber(aU)or tonumber(ar)>tonumber(c)or tonumber(ad)>tonumber(c)then
ad,ar,ax,aq='0',c,1,'-inf'
end
local T=j(o)
local m=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf','+inf','WITHSCORES','LIMIT',0,1)
local at,X,ay=m[2]or'',0,{}
if m[2]and tonumber(m[2])<=o then
X=redis.call('ZCOUNT',KEYS[1],'-inf',T)
at=redis.call('ZRANGEBYSCORE',KEYS[1],'('..T,'+inf','WITHSCORES','LIMIT',0,1)[2]or''
if aq~='-inf'then aq='('..aq end
ay=redis.call('ZRANGEBYSCORE',KEYS[1],aq,T,'LIMIT',0,ARGV[4])
end
local g={T,q,c,G,ax,X,at}
local n={}
if ar~=c then n=redis.call('ZRANGEBYSCORE',KEYS[3],'('..ar,'+inf','WITHSCORES','LIMIT',0,ARGV[4])end
local v={}
local ak=0
if ad~=c then
ad='('..ad
if#n==0 and ax==0 and tonumber(ARGV[6])==redis.call('ZCARD',KEYS[2])then ak=redis.call('ZCOUNT',KEYS[2],ad,'+inf')end
if ak<32 or 2*ak<tonumber(ARGV[6])then
ak=0
v=redis.call('ZRANGEBYSCORE',KEYS[2],ad,'+inf','WITHSCORES','LIMIT',0,ARGV[4])
end
end
g[8]=ak>0 and-ak or#v/2
for a=1,#v do g[#g+1]=v[a]end
g[#g+1]=#n/2
for a=1,#n do g[#g+1]=n[a]end
for a=1,#ay do g[#g+1]=ay[a]end
return g`,
  },
  cleanup: {
    sha: '42704ca9652076aa7feaba74dfc41376efc4b33a',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ac(e,q,...)
local f=F(e,'epoch','version','told')
for av,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function ae(e,aa,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local z=table.concat(b,'\\t')
if#z>16384 then z=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',aa,z)
end
local function am(n,e,Q,h,c,b)
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
local ah,b=ac(KEYS[5],'',KEYS[1],KEYS[3],KEYS[4])
local c=ah
local S=redis.call('MGET',unpack(KEYS,6))
for a=0,(#KEYS-5)/2-1 do
local aS,aV,h,aQ=KEYS[6+2*a],KEYS[7+2*a],ARGV[2+2*a],ARGV[3+2*a]
local U=redis.call('ZSCORE',KEYS[1],h)
local W=S[1+2*a]or''
local aG=U and tonumber(U)<=o
if aQ~=''then aG=redis.call('HEXISTS',KEYS[2],h)==1 and W==string.sub(aQ,2)end
if aG then
c=c+1
redis.call('DEL',aS,aV)
redis.call('ZREM',KEYS[1],h)
redis.call('HDEL',KEYS[2],h)
redis.call('ZREM',KEYS[3],h)
am(KEYS[4],KEYS[5],'expired',h,c,b)
g[#g+1]=a
g[#g+1]=W
end
end
if c>ah then ae(KEYS[5],ARGV[1],c,b)end
local at=redis.call('ZRANGE',KEYS[1],0,0,'WITHSCORES')
g[1]=at[2]or''
return g`,
  },
  detail: {
    sha: '8ce870209f30c3e74dd6231afdc5cfda9fc2b848',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
F(KEYS[4])
return{j(o),redis.call('GET',KEYS[1])or'',redis.call('GET',KEYS[2])or'',redis.call('ZSCORE',KEYS[3],ARGV[1])or''}`,
  },
  documents: {
    sha: '67d3986f097180df110ef0fa691c014e1070f9b9',
    source: `local aT=redis.call('MGET',unpack(KEYS,2))
local g={}
for a=1,#ARGV do g[2*a-1],g[2*a]=redis.call('ZSCORE',KEYS[1],ARGV[a])or'',aT[a]or''end
return g`,
  },
  expired: {
    sha: 'c537bb6e323c054d9483627843bde952a19b5ad7',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
return redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',j(o),'LIMIT',ARGV[1],ARGV[2])`,
  },
  heartbeat: {
    sha: 'b04d294721a6d9850d2673a98b7dc5292a244c5c',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ai(t,B)return#t-#'registry:incarnations'+#B+1 end
local function aj(t,B,m,f)
local ab=ai(t,B)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ab)end
return p
end
local q=F(KEYS[3],'epoch')[2]or''
local E,aF=#KEYS-3,#ARGV>2
local T,U=j(o),j(o+ARGV[2])
local as=string.format('%d.%06d',l[1],l[2])
local X=redis.call('ZCOUNT',KEYS[1],'-inf',T)
local ab,aZ,aW=ai(KEYS[2],'heartbeat:'),string.sub,KEYS
local g,aw={},true
for m=4,E+3,100 do
local f=math.min(m+99,E+3)
local M,D,k={'XX','CH'},{},0
for a=m,f do
local I=aW[a]
M[k+3],M[k+4]=U,aZ(I,ab)
D[k+1],D[k+2]=I,as
k=k+2
end
local p,x=nil,nil
local aM=true
if aF then
p=aj(KEYS[2],'heartbeat:',m,f)
x=redis.call('HMGET',KEYS[2],unpack(p))
for a=1,#p do
local ap=ARGV[m+a-2]
if not x[a]or ap~=''and ap~=x[a]then aM=false break end
end
end
if aM and redis.call('ZADD',KEYS[1],unpack(M))==f-m+1 then
redis.call('MSET',unpack(D))
for a=m,f do g[a-3]=1 end
else
p=p or aj(KEYS[2],'heartbeat:',m,f)
x=x or redis.call('HMGET',KEYS[2],unpack(p))
M,D,k={},{},0
for a=1,#p do
local ap=aF and ARGV[m+a-2]or''
if not x[a]then
g[m+a-4],aw=0,false
elseif ap~=''and ap~=x[a]then
g[m+a-4],aw=-1,false
else
g[m+a-4]=1
M[k+1],M[k+2]=U,p[a]
D[k+1],D[k+2]=KEYS[m+a-1],as
k=k+2
end
end
if k>0 then
redis.call('ZADD',KEYS[1],unpack(M))
redis.call('MSET',unpack(D))
end
end
end
if X>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<X then redis.call('PUBLISH',ARGV[1],q)end
if aw then return E end
return g`,
  },
  register: {
    sha: 'c5b7246f9765da5061c51fe21383db91db1a64c1',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function ai(t,B)return#t-#'registry:incarnations'+#B+1 end
local function aj(t,B,m,f)
local ab=ai(t,B)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ab)end
return p
end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ac(e,q,...)
local f=F(e,'epoch','version','told')
for av,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function ae(e,aa,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local z=table.concat(b,'\\t')
if#z>16384 then z=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',aa,z)
end
local function am(n,e,Q,h,c,b)
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
local aD='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aC(H)
local y,L,N,O,P,K,k,aA,u=string.match(H,aD)
if not y then return nil end
return{address=string.sub(H,1,y-1),health=L,draining=K,m1=N,m2=O,m3=P,at=k,registered=aA,
rest=string.sub(H,u)}
end
local function H(y,d,c,u)
return y..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..u
end
local function au(d,V)
local L,K,N,O,P=string.match(V,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,R=false,false
if L~=''and L~=d.health then d.health,G=L,true end
if K~=''and K~=d.draining then d.draining,G=K,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(o/1000))end
return G or R,G
end
local E=(#KEYS-5)/2
local p=aj(KEYS[2],'backend:',6,5+E)
local x=redis.call('HMGET',KEYS[2],unpack(p))
local W=redis.call('MGET',unpack(KEYS,6,5+E))
local ah,b=ac(KEYS[5],ARGV[2],KEYS[1],KEYS[3],KEYS[4])
local c=ah
local as=string.format('%d.%06d',l[1],l[2])
local aK=j(math.floor(o/1000))
local aY='^,"health":%a+,"in_flight_requests":[^,]+,"rif_avg_latency":[^,]+,"overall_avg_latency":[^,]+,"draining":%a+,"metrics_updated_at_ms":[^,]+(),"version":%d+(),"registered_at_ms":[^,]+,"incarnation":()'
local S,M,af,t,ao,g,aL={},{},{},{},{},{},{}
local aN,az,U,aO=false,nil,nil,nil
local Z,D,v=0,0,0
local function aI(I)
local B=redis.call('TYPE',I).ok
return B~='none'and B~='string'
end
for a=1,E do
local h,ag=p[a],5*a-2
local y,Y,V,an=ARGV[ag],ARGV[ag+1],ARGV[ag+3],ARGV[ag+4]
if ARGV[ag+2]~=az then
az=ARGV[ag+2]
U=j(o+az)
aO='+'..U
end
local f=aL[h]
aL[h]=a
local r,J=x[a],W[a]
if f then r,J=x[f],W[f]end
local aH,aP,u
if r and J and string.sub(J,1,#y)==y then
aH,aP,u=string.match(J,aY,#y+1)
if u and string.sub(J,u,u+#r-1)~=r then u=nil end
end
local aJ=string.byte(Y)
Y=string.sub(Y,2)
local al,C,k
if r and aJ==33 then
al,C='known',''
elseif not f and(not J and aI(KEYS[5+a])or not r and aI(KEYS[5+E+a]))then
al,C='foreign',''
elseif u and(aJ~=61 or Y==r)then
local aX=#J-u+1==#r+#an and string.sub(J,u+#r)==an
local d=V~=''and aC(J)
if d and au(d,V)or not aX then
c=c+1
al,k='updated',j(c)
if d then C=H(y,d,k,r..an)
else C=string.sub(J,1,aH-1)..',"version":'..k..string.sub(J,aP,u-1)..r..an end
else
al,C,aN='renewed',J,true
end
else
al=u and'replaced'or'registered'
r=Y
local d={health='true',m1='0',m2='0',m3='0',draining='false',at='null',registered=aK}
if V~=''then
au(d,V)
if string.find(V,'%d')then d.at=aK end
end
c=c+1
k=j(c)
C=H(y,d,k,r..an)
t[#t+1],t[#t+2]=h,r
ao[#ao+1],ao[#ao+2]='unregistered '..h,'expired '..h
end
if k then
S[Z+1],S[Z+2]=KEYS[5+a],C
af[2*v+1],af[2*v+2]=k,h
b[3*v+4],b[3*v+5],b[3*v+6]=aO,h,C
Z,v=Z+2,v+1
end
if C~=''then
S[Z+1],S[Z+2]=KEYS[5+E+a],as
M[2*D+1],M[2*D+2]=U,h
Z,D=Z+2,D+1
W[a]=C
end
x[a]=r
g[2*a-1],g[2*a]=al,C
end
local T=j(o)
local X=aN and redis.call('ZCOUNT',KEYS[1],'-inf',T)or 0
if#t>0 then
redis.call('HSET',KEYS[2],unpack(t))
redis.call('ZREM',KEYS[4],unpack(ao))
end
if D>0 then
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[1],unpack(M))
end
if c>ah then redis.call('ZADD',KEYS[3],unpack(af))end
local aE=X>0 and redis.call('ZCOUNT',KEYS[1],'-inf',T)<X
if c>ah then ae(KEYS[5],ARGV[1],c,aE and{b[1],b[2],''}or b)
elseif aE then redis.call('PUBLISH',ARGV[1],b[1])end
return g`,
  },
  unregister: {
    sha: 'cb731a8ed7e022939dfa28f988292605412e6a75',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ac(e,q,...)
local f=F(e,'epoch','version','told')
for av,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function ae(e,aa,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local z=table.concat(b,'\\t')
if#z>16384 then z=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',aa,z)
end
local function am(n,e,Q,h,c,b)
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
local c,b=ac(KEYS[7],'',KEYS[3],KEYS[5],KEYS[6])
local x=redis.call('HGET',KEYS[4],ARGV[2])
if not x then return 0 end
if ARGV[3]~=''and ARGV[3]~=x then return-1 end
c=c+1
redis.call('DEL',KEYS[1],KEYS[2])
redis.call('ZREM',KEYS[3],ARGV[2])
redis.call('HDEL',KEYS[4],ARGV[2])
redis.call('ZREM',KEYS[5],ARGV[2])
am(KEYS[6],KEYS[7],'unregistered',ARGV[2],c,b)
ae(KEYS[7],ARGV[1],c,b)
return 1`,
  },
  update: {
    sha: 'ca9eb572b806e72b457de94240557c3421076c9a',
    source: `local l=redis.call('TIME')
local o=l[1]*1000000+l[2]
local function j(A)return string.format('%.0f',A)end
local function ai(t,B)return#t-#'registry:incarnations'+#B+1 end
local function aj(t,B,m,f)
local ab=ai(t,B)
local p={}
for a=m,f do p[a-m+1]=string.sub(KEYS[a],ab)end
return p
end
local function F(e,...)
local i=redis.call('HMGET',e,'schema',...)
if i[1]and i[1]~='1'then error('SCHEMA '..i[1])end
return i
end
local function ac(e,q,...)
local f=F(e,'epoch','version','told')
for av,I in ipairs({...})do redis.call('ZCARD',I)end
if not f[2]and q~=''then redis.call('HSET',e,'schema','1','epoch',q,'floor','0')end
return math.max(tonumber(f[3])or 0,o-1),{f[2]or q,f[4]or'0',''}
end
local function ae(e,aa,c,b)
b[3]=j(c)
redis.call('HSET',e,'version',b[3],'told',b[3])
local z=table.concat(b,'\\t')
if#z>16384 then z=table.concat(b,'\\t',1,3)end
redis.call('PUBLISH',aa,z)
end
local function am(n,e,Q,h,c,b)
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
local aD='^{"url":".-","port":%d+(),"health":(%a+),"in_flight_requests":([^,]+),"rif_avg_latency":([^,]+),"overall_avg_latency":([^,]+),"draining":(%a+),"metrics_updated_at_ms":([^,]+),"version":%d+,"registered_at_ms":([^,]+),"incarnation":()'
local function aC(H)
local y,L,N,O,P,K,k,aA,u=string.match(H,aD)
if not y then return nil end
return{address=string.sub(H,1,y-1),health=L,draining=K,m1=N,m2=O,m3=P,at=k,registered=aA,
rest=string.sub(H,u)}
end
local function H(y,d,c,u)
return y..',"health":'..d.health..',"in_flight_requests":'..d.m1 ..',"rif_avg_latency":'..d.m2 ..',"overall_avg_latency":'..d.m3 ..
',"draining":'..d.draining..',"metrics_updated_at_ms":'..d.at..',"version":'..c..',"registered_at_ms":'..d.registered..
',"incarnation":'..u
end
local function au(d,V)
local L,K,N,O,P=string.match(V,'^(%a*),(%a*),([^,]*),([^,]*),([^,]*)$')
local G,R=false,false
if L~=''and L~=d.health then d.health,G=L,true end
if K~=''and K~=d.draining then d.draining,G=K,true end
if N~=''and N~=d.m1 then d.m1,R=N,true end
if O~=''and O~=d.m2 then d.m2,R=O,true end
if P~=''and P~=d.m3 then d.m3,R=P,true end
if R then d.at=j(math.floor(o/1000))end
return G or R,G
end
local E=#KEYS-3
local c,b=ac(KEYS[3],'',KEYS[2])
local p=aj(KEYS[1],'backend:',4,3+E)
local x=redis.call('HMGET',KEYS[1],unpack(p))
local W=redis.call('MGET',unpack(KEYS,4,3+E))
local g,aB,v={},{},{}
for a=1,E do
local h,Y,r=p[a],ARGV[2*a],x[a]
local w=aB[h]
if not w then
w=r and W[a]and aC(W[a])
if w then
w.key=KEYS[3+a]
aB[h]=w
end
end
if not r then
g[a]=-1
elseif Y~=''and Y~=r then
g[a]=-2
elseif not w then
g[a]=-1
else
local aR,G=au(w,ARGV[2*a+1])
g[a]=aR and 1 or 0
w.told=w.told or G
if aR and not w.changed then
w.changed=true
v[#v+1]=h
end
end
end
if#v>0 then
local S,af={},{}
for a,h in ipairs(v)do
local w=aB[h]
c=c+1
local k=j(c)
local C=H(w.address,w,k,w.rest)
S[2*a-1],S[2*a]=w.key,C
af[2*a-1],af[2*a]=k,h
if w.told then b[#b+1],b[#b+2],b[#b+3]='=',h,C end
end
redis.call('MSET',unpack(S))
redis.call('ZADD',KEYS[2],unpack(af))
if#b>3 then ae(KEYS[3],ARGV[1],c,b)
else redis.call('HSET',KEYS[3],'version',j(c))end
end
return g`,
  },
};
