import { renderChannel } from './channel.js'
import { renderDialog } from './dialog.js'
import { setUpDrawer } from './drawer.js'
import { renderSidebar, setUpSidebar } from './sidebar.js'
import { follow, onState, refresh } from './store.js'
import { renderThread } from './thread.js'

onState(renderSidebar)
onState(renderChannel)
onState(renderThread)
onState(renderDialog)
setUpSidebar()
setUpDrawer()
await refresh()
follow()
