let context: CanvasRenderingContext2D | null | undefined;

/** Width of a text in this font on a canvas, in CSS px. */
export function textWidth(text: string, font: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return 0;
  context.font = font;
  return Math.ceil(context.measureText(text).width);
}
