/**
 * ECharts as a Svelte attachment: `<div class="chart" {@attach chart((theme, size) => option)}>`. The instance is made once,
 * updated whenever what the function reads changes (or the theme, or the size), and disposed with the element.
 */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  AxisPointerComponent,
  GraphicComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
} from 'echarts/components';
import { graphic, init, use, type ECharts, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import type { Attachment } from 'svelte/attachments';
import { appearance } from '#renderer/state/appearance.svelte.ts';
import { markerPaths } from '#renderer/state/model-identity.ts';
import { menuOf } from '#renderer/state/context-menu.svelte.ts';
import { keyboard } from '#renderer/state/shortcuts.svelte.ts';
import { drawnChartMenu } from './chart-menu.ts';
import { brush } from './brush.ts';
import { readTheme, type ChartTheme } from './theme.ts';

use([
  LineChart,
  BarChart,
  ScatterChart,
  CustomChart,
  GraphicComponent,
  GridComponent,
  AriaComponent,
  AxisPointerComponent,
  MarkLineComponent,
  MarkAreaComponent,
  MarkPointComponent,
  CanvasRenderer,
  SVGRenderer,
]);

// Markers beside the names of lines: elements of a chart know only shapes that are registered.
for (const [shape, { path }] of Object.entries(markerPaths)) graphic.registerShape(`marker-${shape}`, graphic.extendPath(path, {}));

/** Charts this far out of sight are kept up to date. */
const nearPixels = 300;

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export interface ChartEvents {
  /** The x value under the pointer, undefined when it leaves; for linked cross-hairs and read-outs. */
  onhover?: (x: number | undefined) => void;
  /** A range of x that was dragged over, in rising order. */
  onbrush?: (from: number, to: number) => void;
  /** The wheel was turned with Ctrl or Cmd at an x: by a factor below 1 to see more closely. */
  onzoom?: (factor: number, x: number) => void;
  /** Data index of a clicked bar or point. */
  onselect?: (series: string, index: number) => void;
  /** Shows the table in place of the chart; in its context menu, and by its key on the chart that has the focus. */
  showTable?: () => void;
  /** Too small to have a menu of its own: a sparkline in a row. */
  noMenu?: boolean;
}

/** The attachment. `build` is pure and tracked: what it reads redraws the chart. */
export function chart(build: (theme: ChartTheme, size: ChartSize) => EChartsCoreOption, events: ChartEvents = {}): Attachment<HTMLElement> {
  return (element) => {
    const instance: ECharts = init(element, null, { renderer: 'canvas' });
    let size = $state.raw<ChartSize>({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(() => {
      instance.resize();
      size = { width: element.clientWidth, height: element.clientHeight };
    });
    observer.observe(element);

    // A page of hundreds of live charts shows a handful at a time: the others are drawn when they come near.
    const { top, bottom } = element.getBoundingClientRect();
    let isNear = $state(top < window.innerHeight + nearPixels && bottom > -nearPixels);
    const sight = new IntersectionObserver((entries) => (isNear = entries[entries.length - 1]!.isIntersecting), {
      rootMargin: `${nearPixels}px`,
    });
    sight.observe(element);

    const zrender = instance.getZr();
    // Its frames go on for ten after the last change: beside a live run that is always, and costs a good part of a core.
    zrender.setSleepAfterStill(1);
    zrender.on('mousemove', (event: { offsetX: number; offsetY: number }) => {
      const at = [event.offsetX, event.offsetY];
      if (!instance.containPixel({ gridIndex: 0 }, at)) return events.onhover?.(undefined);
      const [x] = instance.convertFromPixel({ gridIndex: 0 }, at) as number[];
      events.onhover?.(x);
    });
    zrender.on('globalout', () => events.onhover?.(undefined));
    instance.on('click', (event) => events.onselect?.(String(event.seriesId ?? event.seriesName), event.dataIndex));

    const xAt = (event: MouseEvent): number =>
      (instance.convertFromPixel({ gridIndex: 0 }, [event.clientX - element.getBoundingClientRect().left, 0]) as number[])[0]!;
    const letGo = events.onbrush === undefined ? undefined : brush(element, (from, to) => events.onbrush!(xAt(from), xAt(to)));
    const onwheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      events.onzoom?.(event.deltaY < 0 ? 0.8 : 1.25, xAt(event));
    };
    if (events.onzoom !== undefined) element.addEventListener('wheel', onwheel, { passive: false });

    // Two dozen tokens: read with a change of theme, not with every step of a zoom.
    const theme = $derived.by(() => {
      void appearance.resolved;
      void appearance.palette;
      return readTheme(element);
    });
    $effect(() => {
      if (isNear) instance.setOption(build(theme, size), { notMerge: true, lazyUpdate: true });
    });

    const leave = events.noMenu === true ? undefined : menuOf(() => drawnChartMenu(element, build, events.showTable), 'focusable')(element);

    const onkeydown = (event: KeyboardEvent) => {
      if (events.showTable === undefined || !keyboard.is(event, 'chart.table')) return;
      // The page has the same key for wherever the focus is.
      event.stopPropagation();
      events.showTable();
    };
    element.addEventListener('keydown', onkeydown);

    return () => {
      element.removeEventListener('keydown', onkeydown);
      leave?.();
      letGo?.();
      element.removeEventListener('wheel', onwheel);
      observer.disconnect();
      sight.disconnect();
      instance.dispose();
    };
  };
}

/** A chart as an SVG string of the given size, for export: the same option, drawn off screen. */
export function chartSvg(option: EChartsCoreOption, size: ChartSize): string {
  const instance = init(null, null, { renderer: 'svg', ssr: true, ...size });
  instance.setOption({ ...option, animation: false });
  const svg = instance.renderToSVGString();
  instance.dispose();
  return svg;
}
