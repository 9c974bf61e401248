import { createRequire } from 'node:module'
import { FONT } from './svg.ts'

/** IBM Plex Sans (SIL Open Font License 1.1): Latin, Greek and Cyrillic. resvg draws no text without a font. */
function fontFiles(): string[] {
  const require = createRequire(import.meta.url)
  return [
    require.resolve('@expo-google-fonts/ibm-plex-sans/400Regular/IBMPlexSans_400Regular.ttf'),
    require.resolve('@expo-google-fonts/ibm-plex-sans/600SemiBold/IBMPlexSans_600SemiBold.ttf'),
  ]
}

/** Two device pixels to one of the drawing: sharp on phones. */
const ZOOM = 2
/** Many viewers refuse a side of more than 16,384 pixels. */
const TALLEST = 16_384

/** The drawing as pixels. No font of the machine is used, so that it looks the same everywhere. */
export async function png(svg: string, height: number): Promise<Uint8Array> {
  const { renderAsync } = await import('@resvg/resvg-js')
  const image = await renderAsync(svg, {
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: FONT, sansSerifFamily: FONT },
    fitTo: { mode: 'zoom', value: Math.min(ZOOM, TALLEST / height) },
  })
  return image.asPng()
}
